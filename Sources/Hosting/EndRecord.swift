import Foundation
import Machinery
import Messages

/// When processes of this tier ended because they could not go on. One that can't stay up rests for a while, says so to those
/// who ask for its health, and leaves the disk alone (design: three ends in ten minutes).
struct EndRecord {
  static let window = Span.minutes(10)
  static let tooMany = 3
  private let path: String

  init(directory: String) {
    path = "\(directory)/ends"
  }

  /// One end: when, and why in a line.
  private struct End {
    var at: Instant
    var reason: String
  }
  struct Rest {
    var until: Instant
    /// Why the last process ended.
    var reason: String
  }

  /// Written without a flush: it need only outlive the process.
  func note(at now: Instant, because reason: String) {
    let line = reason.split(whereSeparator: \.isNewline).joined(separator: " ")
    let ends = recent(at: now) + [End(at: now, reason: line)]
    let text = ends.map { "\($0.at.milliseconds) \($0.reason)\n" }.joined()
    try? text.write(toFile: path, atomically: true, encoding: .utf8)
  }

  /// Nil when nothing speaks against serving.
  func rest(at now: Instant) -> Rest? {
    let ends = recent(at: now)
    guard ends.count >= Self.tooMany, let last = ends.last else { return nil }
    return Rest(until: ends[ends.count - Self.tooMany].at + Self.window, reason: last.reason)
  }

  /// Ends within the window, oldest first; a clock that went back makes none of them count.
  private func recent(at now: Instant) -> [End] {
    let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    return text.split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ", maxSplits: 1)
      guard let first = words.first, let at = Int64(first) else { return nil }
      return End(at: Instant(milliseconds: at), reason: words.count > 1 ? String(words[1]) : "")
    }
    .filter { $0.at + Self.window > now && $0.at <= now }
  }
}
