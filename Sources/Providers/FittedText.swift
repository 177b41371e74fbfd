import Foundation

/// Text for a provider that takes only so much.
enum FittedText {
  /// The text if it fits; otherwise what fits of it, cut before the incident's id and what follows it, which says how to answer;
  /// at its end where too much follows.
  ///
  /// - Parameter size: of each character, in whatever the provider counts.
  static func cut(
    _ text: String, to limit: Int, keeping incident: String, mark: String = "…", size: (Character) -> Int
  ) -> String {
    func total(_ text: some StringProtocol) -> Int { text.reduce(0) { $0 + size($1) } }
    func beginning(_ text: some StringProtocol, upTo room: Int) -> String {
      var room = room
      return String(
        text.prefix {
          room -= size($0); return room >= 0
        })
    }
    guard total(text) > limit else { return text }
    let head = beginning(text, upTo: limit - total(mark))
    guard !incident.isEmpty, let id = text.range(of: "(\(incident)", options: .backwards) else { return head + mark }
    var tail = String(text[id.lowerBound...])
    if total(tail) > limit / 2 {
      guard !head.contains("(\(incident))") else { return head + mark }
      tail = beginning(tail, upTo: limit / 2)
    }
    return beginning(text[..<id.lowerBound], upTo: limit - total(tail) - total(mark) - 1) + mark + " " + tail
  }
}
