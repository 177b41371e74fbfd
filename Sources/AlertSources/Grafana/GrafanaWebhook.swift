import JSON
import Messages

/// Reads what Grafana sends to a webhook contact point: Alertmanager's envelope with a version of its own, or, before Grafana 8, one
/// rule at a time.
public struct GrafanaWebhook: Hashable, Sendable {
  public var events: [Event]
  /// One for each alert that was left out.
  public var wrong: [SourceError] = []
  /// How many alerts Grafana left out.
  public var truncated: UInt64 = 0

  public init(
    reading json: [UInt8], source: String, severities: SeverityWords = .usual
  ) throws(SourceError) {
    let payload = try Given(reading: json)
    _ = try payload.members()
    if payload["alerts"] != nil {
      let webhook = try AlertmanagerWebhook(payload, source: source, severities: severities, versions: ["1", "4"])
      (events, wrong, truncated) = (webhook.events, webhook.wrong, webhook.truncated)
    } else {
      events = try Self.rule(payload, source, severities).map { [$0] } ?? []
    }
  }

  /// Nil for a rule that is paused, or has not fired long enough.
  private static func rule(
    _ payload: Given, _ source: String, _ severities: SeverityWords
  ) throws(SourceError) -> Event? {
    let state = try payload.required("state", "ok, alerting, no_data, paused or pending")
    guard ["ok", "alerting", "no_data"].contains(state) else { return nil }
    guard let rule = number(payload, "ruleId") else {
      throw SourceError(at: "ruleId", expected: "the rule's number, or a list alerts", found: "none")
    }
    let organization = number(payload, "orgId") ?? "1"
    var event = Event(
      action: state == "ok" ? .resolve : .trigger, source: source,
      dedupKey: EventLimits.key("grafana/\(organization)/\(rule)"))
    guard state != "ok" else { return event }
    let tags = payload.ornaments("tags")
    let (name, title) = (payload.ornament("ruleName"), payload.ornament("title"))
    event.severity = severities.severity(of: tags["severity"] ?? "")
    event.service = EventLimits.clip(tags["service"] ?? "", to: EventLimits.name)
    event.alertClass = EventLimits.clip(SnakeCase.from(name), to: EventLimits.name)
    let spoken = [title, name].first { !$0.isEmpty } ?? "Grafana's rule \(rule)"
    event.summary = EventLimits.clip(spoken, to: EventLimits.summary)
    event.labels = SourceWords.labels(tags)
    var details = [payload.ornament("message")]
    if state == "no_data" { details.append("Grafana has no data for this rule") }
    for match in (try? payload.list("evalMatches")) ?? [] {
      let metric = match.ornament("metric")
      details.append("\(metric.isEmpty ? "value" : metric): \(number(match, "value") ?? "none")")
    }
    SourceWords.add(
      [("rule", payload.ornament("ruleUrl")), ("image", payload.ornament("imageUrl"))], details: details, to: &event)
    return event
  }

  private static func number(_ given: Given, _ name: String) -> String? {
    guard case .number(let digits) = given[name]?.value else { return nil }
    return digits
  }
}
