import AlertSources
import Foundation
import Messages

/// Reads what a command is given as a file or on standard input (`-`).
enum InputFile {
  /// A payload is at most a few megabytes; a file of a million events fits too.
  static let largestBytes = 512 << 20

  static func bytes(_ path: String) throws -> [UInt8] {
    let handle: FileHandle
    if path == "-" {
      handle = .standardInput
    } else {
      guard let opened = FileHandle(forReadingAtPath: path) else { throw WrongInput("\(path): cannot be opened") }
      handle = opened
    }
    var bytes: [UInt8] = []
    do {
      while let more = try handle.read(upToCount: 1 << 20), !more.isEmpty {
        bytes += more
        if bytes.count > largestBytes { throw WrongInput("\(path): more than \(largestBytes >> 20) MiB") }
      }
    } catch let error as WrongInput {
      throw error
    } catch {
      throw WrongInput("\(path): cannot be read")
    }
    return bytes
  }

  /// Events from lines of JSON; all wrong lines are told at once.
  static func events(_ path: String, source: String, severities: SeverityWords) throws -> [Event] {
    var events: [Event] = []
    var wrong: [String] = []
    for (index, line) in try bytes(path).split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
      guard let text = String(validating: line, as: UTF8.self) else {
        wrong.append("\(path): line \(index + 1): expected UTF-8 text, found other bytes")
        continue
      }
      guard text.contains(where: { !$0.isWhitespace }) else { continue }
      do {
        events.append(try EventLine.event(text, number: index + 1, source: source, severities: severities))
      } catch {
        wrong.append("\(path): \(error.description)")
      }
      if wrong.count == 100 { break }
    }
    guard wrong.isEmpty else { throw WrongInput(wrong.joined(separator: "\n")) }
    return events
  }
}
