import Foundation

/// Text for a provider that takes only so much.
enum FittedText {
  /// The text if it fits; otherwise what fits of it, cut before the incident's id, so that who is paged can still answer.
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
    let id = incident.isEmpty ? nil : text.range(of: "(\(incident)", options: .backwards)
    guard let id, !head.contains("(\(incident))") else { return head + mark }
    let tail = beginning(text[id.lowerBound...], upTo: limit / 2)
    return beginning(text[..<id.lowerBound], upTo: limit - total(tail) - total(mark) - 1) + mark + " " + tail
  }
}
