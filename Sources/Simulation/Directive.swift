import CivilTime
import Messages

/// A command of a scenario about the schedule: words in order, and then named ones ("by tara until 2026-12-01").
struct Directive {
  /// Names that are followed by a word of theirs.
  static let names: Set<String> = [
    "at", "by", "first", "follows", "from", "handoff", "hours", "known", "members", "of", "on", "return", "shift",
    "starts", "team", "turn", "until", "zone",
  ]

  private var words: [String] = []
  private var named: [String: String] = [:]
  let now: Instant

  init(_ words: [String], now: Instant) {
    self.now = now
    var rest = Array(words.prefix(1))
    var index = 1
    while index < words.count {
      if Self.names.contains(words[index]), index + 1 < words.count {
        named[words[index]] = words[index + 1]
        index += 2
      } else {
        rest.append(words[index])
        index += 1
      }
    }
    self.words = rest
  }

  var command: String { self[0] }

  /// Empty where there is none.
  subscript(_ index: Int) -> String { index < words.count ? words[index] : "" }
  subscript(_ name: String) -> String { named[name] ?? "" }

  func tier(_ index: Int) -> UInt32 { UInt32(self[index]) ?? 0 }
  func list(_ text: String) -> [String] { text.split(separator: ",").map(String.init) }

  /// "2026-11-30", "2026-11-30T02:30" (UTC), "now", or from now on: "+2h". Nothing given: unset.
  func instant(_ text: String) throws(Refusal) -> Instant {
    if text.isEmpty { return .unset }
    if text == "now" { return now }
    if text.hasPrefix("+") { return now + (try ScenarioPlayer.span(String(text.dropFirst()))) }
    let rest = [10: "T00:00:00Z", 16: ":00Z", 19: "Z"][text.count] ?? ""
    guard let instant = Instant(rfc3339: text + rest) else { throw .invalid("time", "\"\(text)\" is none") }
    return instant
  }
}
