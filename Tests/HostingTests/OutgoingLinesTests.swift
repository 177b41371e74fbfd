import Foundation
import Testing

@testable import Processes

/// The log's way out, when nobody reads it, when somebody reads on, and when there is nobody any more.
@Suite struct OutgoingLinesTests {
  /// A pipe of a page.
  private struct NarrowPipe {
    /// F_SETPIPE_SZ, which Glibc's module leaves out.
    private static let setSize: Int32 = 1_031
    let out: FileHandle
    let into: Int32

    init() throws {
      let pipe = Pipe()
      out = pipe.fileHandleForReading
      into = dup(pipe.fileHandleForWriting.fileDescriptor)
      try pipe.fileHandleForWriting.close()
      #expect(fcntl(into, Self.setSize, 4_096) == 4_096)
    }

    /// The next lines, until one makes it so.
    func lines(until isEnough: ([String]) -> Bool) -> [String] {
      var text = Data()
      while true {
        let part = out.availableData
        text += part
        let lines = String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
        if part.isEmpty || (text.last == 0x0a && isEnough(lines)) { return lines }
      }
    }
  }

  private func put(_ number: Int, to lines: OutgoingLines) {
    let padding = String(repeating: ".", count: 90)
    lines.put(Array("line \(number) \(padding)\n".utf8)) { Array("\($0) dropped\n".utf8) }
  }

  private static func dropped(_ lines: [String]) -> Int {
    lines.filter { $0.hasSuffix(" dropped") }.compactMap { $0.split(separator: " ").first.flatMap { Int($0) } }
      .reduce(0, +)
  }

  @Test func whoLogsNeverWaitsAndWhatHadNoRoomIsCountedWhereItIsMissing() throws {
    let pipe = try NarrowPipe()
    let out = OutgoingLines(pipe.into, bytesAtMost: 10_000)
    // A thousand times what has room; a put that waited would wait for ever, as nobody reads yet.
    let count = 50_000
    for number in 0..<count { put(number, to: out) }
    #expect(!out.flush(within: 1))
    let dropped = out.droppedInAll
    #expect(dropped > count - 1_000)
    let lines = pipe.lines { $0.count(where: { $0.hasPrefix("line") }) + Self.dropped($0) == count }
    #expect(Self.dropped(lines) == dropped)
    // In order, whole, and each gap as wide as its count says.
    var next = 0
    for line in lines {
      let words = line.split(separator: " ")
      if words.last == "dropped", let missing = Int(words[0]) {
        next += missing
      } else {
        #expect(words.count == 3 && words[1] == "\(next)" && words[2].count == 90)
        next += 1
      }
    }
    #expect(next == count)
    put(count, to: out)
    #expect(out.flush(within: 10_000))
    #expect(pipe.lines { _ in true }.first?.hasPrefix("line \(count) ") == true)
    #expect(out.droppedInAll == dropped)
  }

  @Test func aFlushEndsWhenEverythingIsOut() throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let file = open(path, O_CREAT | O_WRONLY, 0o600)
    let out = OutgoingLines(file)
    for number in 0..<5_000 { put(number, to: out) }
    #expect(out.flush(within: 10_000))
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(text.split(separator: "\n").count == 5_000 && out.droppedInAll == 0)
    #expect(out.flush(within: 0), "nothing has been put since")
  }

  @Test func aReaderThatIsGoneEndsNothing() throws {
    let pipe = try NarrowPipe()
    let out = OutgoingLines(pipe.into)
    try pipe.out.close()
    put(1, to: out)
    #expect(out.flush(within: 10_000))
    #expect(out.droppedInAll == 1)
  }

  /// As a container's runtime may lend it.
  @Test func aDescriptorThatDoesNotBlockLosesNothing() throws {
    let pipe = try NarrowPipe()
    #expect(fcntl(pipe.into, F_SETFL, O_NONBLOCK) == 0)
    let out = OutgoingLines(pipe.into)
    for number in 0..<1_000 { put(number, to: out) }
    let lines = pipe.lines { $0.count == 1_000 }
    #expect(lines.count == 1_000 && lines.last?.hasPrefix("line 999 ") == true)
    #expect(out.droppedInAll == 0)
  }
}
