import Foundation
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

  /// Written without a flush: it need only outlive the process.
  func note(at now: Instant) {
    let ends = recent(at: now) + [now]
    let text = ends.map { "\($0.milliseconds)" }.joined(separator: "\n") + "\n"
    try? text.write(toFile: path, atomically: true, encoding: .utf8)
  }

  /// Until when to rest; nil when nothing speaks against serving.
  func restsUntil(at now: Instant) -> Instant? {
    let ends = recent(at: now)
    guard ends.count >= Self.tooMany else { return nil }
    return ends[ends.count - Self.tooMany] + Self.window
  }

  /// Ends within the window, oldest first; a clock that went back makes none of them count.
  private func recent(at now: Instant) -> [Instant] {
    let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    return text.split(separator: "\n").compactMap { Int64($0).map { Instant(milliseconds: $0) } }
      .filter { $0 + Self.window > now && $0 <= now }
  }
}
