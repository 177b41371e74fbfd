import Messages

/// An event as one line of JSON: the form in which a script hands many events to `tocsinctl alert send --json-lines`.
///
/// `{"action":"trigger","source":"cron","dedup_key":"backup","severity":"SEV-3","summary":"no backup since Sunday",
/// "class":"backup_missing","service":"postgres","labels":{"host":"db-1"},"links":[{"href":"https://..."}],
/// "details":"...","occurred_at":"2026-11-24T03:00:00Z"}`; only the summary and the severity of a trigger are required.
public enum EventLine {
  static let keys = [
    "action", "source", "dedup_key", "severity", "summary", "class", "service", "labels", "links", "details",
    "occurred_at",
  ]

  /// `number` is the line's, for complaints; `source` is used when the line names none.
  public static func event(
    _ line: String, number: Int, source: String, severities: SeverityWords = .usual
  ) throws(SourceError) -> Event {
    try event(Given(reading: line.utf8, as: "line \(number)"), at: "line \(number), ", source, severities)
  }

  /// - Parameter at: what stands before the name of a field in complaints.
  static func event(
    _ line: Given, at: String, _ source: String, _ severities: SeverityWords
  ) throws(SourceError) -> Event {
    do throws(SourceError) {
      return try read(line, source, severities)
    } catch {
      throw SourceError(at: at + error.at, expected: error.expected, found: error.found)
    }
  }

  private static func read(
    _ line: Given, _ source: String, _ severities: SeverityWords
  ) throws(SourceError) -> Event {
    if let unknown = try line.members().map(\.name).sorted().first(where: { !keys.contains($0) }) {
      throw line.wrong("the keys \(keys.joined(separator: ", "))", found: "\"\(EventLimits.clip(unknown, to: 40))\"")
    }
    var event = Event(source: try line.string("source") ?? source, dedupKey: try line.string("dedup_key") ?? "")
    let word = try line.string("action") ?? "trigger"
    guard let action = EventLine.action(word) else {
      throw SourceError(
        at: "action", expected: "trigger, acknowledge, resolve or change",
        found: "\"\(EventLimits.clip(word, to: 40))\"")
    }
    event.action = action
    if let severity = try line.string("severity") { event.severity = severities.severity(of: severity) }
    event.summary = EventLimits.clip(try line.string("summary") ?? "", to: EventLimits.summary)
    event.alertClass = try line.string("class") ?? ""
    event.service = try line.string("service") ?? ""
    event.labels = (try line.strings("labels") ?? [:]).sorted { $0.key < $1.key }
      .map { Label(name: $0.key, value: $0.value) }
    for link in try line.list("links") ?? [] {
      event.links.append(Link(href: try link.required("href"), text: try link.string("text") ?? ""))
    }
    event.details = EventLimits.clip(try line.string("details") ?? "", to: EventLimits.details)
    if let occurredAt = try line.string("occurred_at") {
      guard let instant = RFC3339.instant(occurredAt) else {
        throw SourceError(
          at: "occurred_at", expected: "an RFC 3339 time", found: "\"\(EventLimits.clip(occurredAt, to: 40))\"")
      }
      event.occurredAt = instant
    }
    try checkWhole(event)
    return event
  }

  /// What isn't cut here is taken to the letter: on its way text ends at a NUL, and a key would be another alert's.
  private static func checkWhole(_ event: Event) throws(SourceError) {
    var texts = [
      ("source", event.source), ("dedup_key", event.dedupKey), ("class", event.alertClass), ("service", event.service),
    ]
    for label in event.labels { texts += [("labels", label.name), ("labels", label.value)] }
    for link in event.links { texts += [("links", link.href), ("links", link.text)] }
    for (at, text) in texts where text.utf8.contains(0) {
      throw SourceError(at: at, expected: "text without NUL", found: "one")
    }
  }

  /// The action that a word names.
  public static func action(_ word: String) -> Action? {
    switch word.lowercased() {
    case "trigger": .trigger
    case "acknowledge", "ack": .acknowledge
    case "resolve": .resolve
    case "change": .change
    default: nil
    }
  }
}
