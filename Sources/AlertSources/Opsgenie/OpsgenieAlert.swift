import JSON
import Messages

/// Reads what is sent to Opsgenie's Alert API.
///
/// An alias is the key: while an alert of it is open, another is one more of it. What has no alias comes
/// without a key here.
public struct OpsgenieAlert: Hashable, Sendable {
  public var event: Event

  /// A new alert (`POST /v2/alerts`).
  public init(
    reading json: [UInt8], source: String, severities: SeverityWords = .usual
  ) throws(SourceError) {
    let payload = try Given(reading: json)
    _ = try payload.members()
    let message = try payload.required("message", "what is wrong, in a line")
    let alias = try payload.string("alias") ?? ""
    event = Event(action: .trigger, source: source, dedupKey: EventLimits.key(alias))
    event.summary = EventLimits.clip(message, to: EventLimits.summary)
    event.severity = Self.severity(payload, severities)
    var labels = payload.ornaments("details")
    event.service = EventLimits.clip(labels["service"] ?? "", to: EventLimits.name)
    event.alertClass = EventLimits.clip(SnakeCase.from(labels["alertname"] ?? ""), to: EventLimits.name)
    for name in ["entity", "source"] {
      let text = payload.ornament(name)
      if !text.isEmpty { labels[name] = text }
    }
    let tags = payload.ornamentList("tags")
    if !tags.isEmpty { labels["tags"] = tags.joined(separator: ",") }
    event.labels = SourceWords.labels(labels)
    let actions = payload.ornamentList("actions").map { "- \($0)" }
    SourceWords.add(
      [],
      details: [payload.ornament("description"), payload.ornament("note"), actions.joined(separator: "\n")],
      to: &event)
  }

  /// P3 where none is given, as there. What is no word is no milder than a word that nobody knows.
  private static func severity(_ payload: Given, _ severities: SeverityWords) -> Severity {
    guard let priority = payload["priority"], priority.value != .string("") else {
      return severities.severity(of: "P3")
    }
    let read = severities.severity(of: payload.ornament("priority"))
    if case .string = priority.value { return read }
    return read.rawValue < SeverityWords.otherwise.rawValue ? read : SeverityWords.otherwise
  }

  /// What is done to an alert by its alias or id (`POST /v2/alerts/NAME/close`).
  ///
  /// - Parameter action: `.resolve` or `.acknowledge`.
  public static func event(_ action: Action, _ name: String, source: String) -> Event {
    Event(action: action, source: source, dedupKey: EventLimits.key(name))
  }
}
