import ArgumentParser
import CFloors
import Foundation

/// The flooding side, in C and in a process of its own.
struct FloodSource: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "flood-source", shouldDisplay: false)
  @Argument var endpoint: String
  @Argument var rate: Int32
  @Argument var seconds: Int32

  func run() throws {
    ChildProcess.endWithParent()
    var (event, numberAt) = BenchEvent.make(source: "flood", severity: .sev3)
    var (taken, refused, took): (UInt64, UInt64, UInt64) = (0, 0, 0)
    say("begins")
    guard load_flood(endpoint, rate, seconds, &event, Int32(event.count), Int32(numberAt), &taken, &refused, &took) == 0
    else {
      throw BenchFailure("not all of the flood was answered")
    }
    say("\(taken) \(refused) \(took)")
  }

  private func say(_ words: String) { FileHandle.standardOutput.write(Data("\(words)\n".utf8)) }
}
