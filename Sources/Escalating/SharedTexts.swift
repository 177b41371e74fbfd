import Messages

/// Texts that many incidents have in common (services, classes, the steps of a class) are kept once, however many are open.
/// Not part of what the escalator knows: without it everything is the same, only larger.
struct SharedTexts: Sendable {
  /// More differ only where somebody puts something unique into a common field.
  private static let atMost = 4_096
  private var texts: Set<String> = []
  private var lists: Set<[String]> = []

  mutating func share(_ opened: inout IncidentOpened) {
    share(&opened.service)
    share(&opened.alertClass)
    share(&opened.team)
    share(&opened.policy)
    share(&opened.runbook)
    if let same = Self.same(opened.steps, in: &lists) { opened.steps = same }
  }

  private mutating func share(_ text: inout String) {
    // Shorter ones take no room of their own.
    guard text.utf8.count > 15, let same = Self.same(text, in: &texts) else { return }
    text = same
  }

  private static func same<Value: Hashable>(_ value: Value, in known: inout Set<Value>) -> Value? {
    known.count < atMost ? known.insert(value).memberAfterInsert : known.firstIndex(of: value).map { known[$0] }
  }
}
