import Foundation

/// Another process for the time of a measurement: one of the tiers, or this program again in another role.
final class ChildProcess {
  private let process = Process()
  private let output = Pipe()
  /// Closed when this process ends, however it ends.
  private let input = Pipe()
  let name: String

  /// - Parameter log: where its words go; nil for nowhere.
  init(_ executable: String, _ arguments: [String], log: String? = nil) throws {
    name = (executable as NSString).lastPathComponent
    process.executableURL = URL(fileURLWithPath: executable)
    process.arguments = arguments
    process.standardInput = input
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    if let log {
      _ = FileManager.default.createFile(atPath: log, contents: nil)
      process.standardError = FileHandle(forWritingAtPath: log)
    }
    try process.run()
  }

  /// This program in the role of a subcommand.
  static func again(_ arguments: [String]) throws -> ChildProcess {
    try ChildProcess(ownPath, arguments)
  }

  /// In such a role: ends when the process that began it does.
  static func endWithParent() {
    Thread {
      while FileHandle.standardInput.availableData.count > 0 {}
      _exit(0)
    }.start()
  }

  static var ownPath: String {
    (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
  }

  var pid: Int32 { process.processIdentifier }

  /// The first line that it says.
  func firstLine() throws -> String {
    var line: [UInt8] = []
    while let byte = try output.fileHandleForReading.read(upToCount: 1)?.first, byte != 0x0a { line.append(byte) }
    guard !line.isEmpty else { throw BenchFailure("\(name) ended without a word") }
    return String(decoding: line, as: UTF8.self)
  }

  func kill() {
    guard process.isRunning else { return }
    Foundation.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  /// Runs a program to its end.
  static func run(_ executable: String, _ arguments: [String], environment: [String: String] = [:]) throws {
    let process = Process()
    let words = Pipe()
    process.executableURL = URL(fileURLWithPath: executable)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardOutput = words
    process.standardError = words
    try process.run()
    let said = words.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw BenchFailure("\(executable) \(arguments.joined(separator: " ")): \(String(decoding: said, as: UTF8.self))")
    }
  }
}

/// Why nothing could be measured.
struct BenchFailure: Error, CustomStringConvertible {
  var description: String
  init(_ words: String) { description = words }
}
