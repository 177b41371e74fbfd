import Messages

/// What an event must be to be taken in: each refusal names the field and the rule (requirement I1).
enum EventRules {
  static let summaryBytes = 1_024
  static let detailsBytes = 32 * 1_024
  static let nameBytes = 255
  static let labels = 64
  static let links = 16

  static func check(_ event: Event) throws(Refusal) {
    try TextRules.check(event.source, "source", 1...128)
    try TextRules.check(event.dedupKey, "dedup_key", 0...nameBytes)
    try TextRules.check(event.summary, "summary", 0...summaryBytes)
    try TextRules.check(event.alertClass, "alert_class", 0...nameBytes)
    try TextRules.check(event.service, "service", 0...nameBytes)
    try TextRules.check(event.details, "details", 0...detailsBytes)
    try checkAction(event)
    try checkLabels(event.labels)
    guard event.links.count <= links else { throw .invalid("links", "at most \(links) links") }
    for (index, link) in event.links.enumerated() { try TextRules.check(link.href, "links[\(index)].href", 1...2_048) }
    guard event.occurredAt.milliseconds >= 0 else { throw .invalid("occurred_at_ms", "must not be before 1970") }
    guard event.lapseAfter >= .zero, event.lapseAfter <= Lapses.longest else {
      throw .invalid("lapse_after_ms", "must be from 0 to 31 days")
    }
    guard event.lapseAfter == .zero || (event.action == .trigger && !event.dedupKey.isEmpty) else {
      throw .invalid("lapse_after_ms", "is for a TRIGGER with a dedup_key: nothing else is told again")
    }
  }

  private static func checkAction(_ event: Event) throws(Refusal) {
    switch event.action {
    case .unspecified: throw .invalid("action", "must be TRIGGER, ACKNOWLEDGE, RESOLVE or CHANGE")
    case .trigger:
      guard event.severity != .unspecified else {
        throw .invalid("severity", "a TRIGGER needs SEV1, SEV2, SEV3 or SEV4")
      }
      guard !event.summary.isEmpty else { throw .invalid("summary", "a TRIGGER needs 1 to \(summaryBytes) bytes") }
    case .change:
      guard !event.summary.isEmpty else { throw .invalid("summary", "a CHANGE needs 1 to \(summaryBytes) bytes") }
    case .acknowledge, .resolve:
      guard !event.dedupKey.isEmpty else { throw .invalid("dedup_key", "needed to say which alert is meant") }
    }
  }

  private static func checkLabels(_ all: [Label]) throws(Refusal) {
    guard all.count <= labels else { throw .invalid("labels", "at most \(labels) labels") }
    for (index, label) in all.enumerated() {
      try TextRules.check(label.name, "labels[\(index)].name", 1...nameBytes)
      try TextRules.check(label.value, "labels[\(index)].value", 0...4_096)
      // There are at most 64, mostly five: comparing is cheaper than a table.
      guard !all[..<index].contains(where: { $0.name == label.name }) else {
        throw .invalid("labels[\(index)].name", "\"\(label.name)\" occurs twice; a name occurs once")
      }
    }
  }
}
