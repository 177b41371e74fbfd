import JSON
import Messages

/// Reads what is sent to PagerDuty's Events API: version 2 (`/v2/enqueue`), its change events (`/v2/change/enqueue`) and
/// version 1 (`/generic/2010-04-15/create_event.json`).
///
/// The key in the body says who reports, so that it is read before the rest. A trigger without a dedup key is always a new alert, and
/// comes without one here; an acknowledgement or a resolve without anything open changes nothing.
public struct PagerDutyEvent: Hashable, Sendable {
  public enum Form: Sendable { case events, change, version1 }

  public var event: Event
  /// As the sender spells it; empty where it gave none, and for a change.
  public var dedupKey: String

  /// A body whose key has been read, and nothing else.
  public struct Unread: Sendable {
    /// `routing_key` or `service_key`.
    public let integrationKey: String
    fileprivate let payload: Given
    fileprivate let form: Form
  }

  /// - Throws: `SourceError` at "payload" when it is no JSON object.
  public static func keyed(_ json: [UInt8], as form: Form) throws(SourceError) -> Unread {
    let payload = try Given(reading: json)
    _ = try payload.members()
    let key = try payload.required(form == .version1 ? "service_key" : "routing_key", "an integration key")
    return Unread(integrationKey: key, payload: payload, form: form)
  }

  public init(
    _ unread: Unread, source: String, severities: SeverityWords = .usual
  ) throws(SourceError) {
    let given = unread.payload
    switch unread.form {
    case .change:
      event = try Self.change(given, source)
      dedupKey = ""
    case .events, .version1:
      let isFirst = unread.form == .version1
      let name = isFirst ? "event_type" : "event_action"
      guard let action = try Self.action(given.required(name, "trigger, acknowledge or resolve")) else {
        throw SourceError(at: name, expected: "trigger, acknowledge or resolve", found: "another word")
      }
      let keyName = isFirst ? "incident_key" : "dedup_key"
      let key = try given.string(keyName) ?? ""
      guard !key.isEmpty || action == .trigger else {
        throw SourceError(
          at: keyName, expected: "the key of what to \(action == .resolve ? "resolve" : "acknowledge")", found: "none")
      }
      // Control characters would be refused; senders that give them get their own spelling back.
      event = Event(action: action, source: source, dedupKey: EventLimits.key(key))
      dedupKey = key
      guard action == .trigger else { return }
      if isFirst {
        try Self.describe(&event, version1: given, severities)
      } else {
        try Self.describe(&event, given, severities)
      }
    }
  }

  private static func action(_ word: String) -> Action? {
    switch word {
    case "trigger": .trigger
    case "acknowledge": .acknowledge
    case "resolve": .resolve
    default: nil
    }
  }

  // MARK: Triggers and changes

  private static func describe(_ event: inout Event, _ given: Given, _ severities: SeverityWords) throws(SourceError) {
    guard let payload = given["payload"] else {
      throw SourceError(at: "payload", expected: "an object, for a trigger", found: "none")
    }
    _ = try payload.members()
    event.summary = EventLimits.clip(try payload.required("summary"), to: EventLimits.summary)
    event.severity = severities.severity(of: try payload.required("severity", "critical, error, warning or info"))
    let place = try payload.required("source")
    let (component, group) = (payload.ornament("component"), payload.ornament("group"))
    event.alertClass = EventLimits.clip(SnakeCase.from(payload.ornament("class")), to: EventLimits.name)
    event.service = EventLimits.clip(component, to: EventLimits.name)
    event.labels = SourceWords.labels(["source": place, "component": component, "group": group])
    let (occurredAt, unread) = time(payload)
    event.occurredAt = occurredAt
    let details = payload["custom_details"].map { SourceWords.lines($0.value) } ?? []
    SourceWords.add(links(given), details: details + unread, to: &event)
  }

  private static func describe(
    _ event: inout Event, version1 given: Given, _ severities: SeverityWords
  ) throws(SourceError) {
    event.summary = EventLimits.clip(try given.required("description"), to: EventLimits.summary)
    // Version 1 knows no severity; senders put one among the details.
    event.severity = severities.severity(of: given["details"]?.ornament("severity") ?? "")
    var links = clientLink(given)
    for context in (try? given.list("contexts")) ?? [] {
      let (href, image) = (context.ornament("href"), context.ornament("src"))
      let (text, alt) = (context.ornament("text"), context.ornament("alt"))
      links.append((([text, alt].first { !$0.isEmpty } ?? "context"), href.isEmpty ? image : href))
    }
    SourceWords.add(links, details: given["details"].map { SourceWords.lines($0.value) } ?? [], to: &event)
  }

  private static func change(_ given: Given, _ source: String) throws(SourceError) -> Event {
    guard let payload = given["payload"] else { throw SourceError(at: "payload", expected: "an object", found: "none") }
    _ = try payload.members()
    var event = Event(action: .change, source: source)
    event.summary = EventLimits.clip(try payload.required("summary"), to: EventLimits.summary)
    event.labels = SourceWords.labels(["source": payload.ornament("source")])
    let (occurredAt, unread) = time(payload)
    event.occurredAt = occurredAt
    let details = payload["custom_details"].map { SourceWords.lines($0.value) } ?? []
    SourceWords.add(links(given), details: details + unread, to: &event)
    return event
  }

  /// When it happened; a time that can't be read is an ornament too, and is left to the details.
  private static func time(_ payload: Given) -> (instant: Instant, words: [String]) {
    guard case let text = payload.ornament("timestamp"), !text.isEmpty else { return (.unset, []) }
    guard let instant = RFC3339.instant(text) else { return (.unset, ["timestamp: \(EventLimits.clip(text, to: 80))"]) }
    return (max(.unset, instant), [])
  }

  private static func links(_ given: Given) -> [(text: String, href: String)] {
    var links: [(text: String, href: String)] = []
    for link in (try? given.list("links")) ?? [] {
      let text = link.ornament("text")
      links.append((text.isEmpty ? "link" : text, link.ornament("href")))
    }
    for image in (try? given.list("images")) ?? [] {
      let text = image.ornament("alt")
      links.append((text.isEmpty ? "image" : text, image.ornament("src")))
    }
    return links + clientLink(given)
  }

  /// The sender's own page.
  private static func clientLink(_ given: Given) -> [(text: String, href: String)] {
    let client = given.ornament("client")
    return [(client.isEmpty ? "client" : client, given.ornament("client_url"))]
  }
}
