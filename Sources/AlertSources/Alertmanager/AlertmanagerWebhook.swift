import JSON
import Messages

/// Reads what Prometheus Alertmanager sends to a webhook receiver (payload version 4) as events for intake, and what Grafana's
/// contact point does (version 1, the same envelope).
///
/// Each element of `alerts` is an alert of its own: what Alertmanager groups for notification is not one alert. The
/// dedup key is the alert's fingerprint, a hash of its labels, so that repeats, resolutions and the copies of several
/// Alertmanagers meet. Unknown fields are ignored, because newer versions add some. What is longer than intake takes is cut,
/// and an address that is too long is left out with a word in the details: no page is lost for an ornament.
public struct AlertmanagerWebhook: Hashable, Sendable {
  public var events: [Event]
  /// One for each alert that was left out, because it can't be understood: that keeps no other out.
  public var wrong: [SourceError]
  /// How many alerts Alertmanager left out (`max_alerts`): that one isn't here then means nothing.
  public var truncated: UInt64

  /// - Parameter versions: which envelopes are taken: "4" is Alertmanager's, "1" Grafana's.
  public init(
    reading json: [UInt8], source: String = "alertmanager", severities: SeverityWords = .usual,
    versions: [String] = ["4"]
  ) throws(SourceError) {
    try self.init(Given(reading: json), source: source, severities: severities, versions: versions)
  }

  init(_ payload: Given, source: String, severities: SeverityWords, versions: [String]) throws(SourceError) {
    _ = try payload.members()
    let version = try payload.string("version")
    guard version.map(versions.contains) ?? false else {
      throw SourceError(
        at: "version", expected: versions.map { "\"\($0)\"" }.joined(separator: " or "),
        found: version.map { "\"\(EventLimits.clip($0, to: 40))\"" } ?? "none")
    }
    truncated = 0
    if case .number(let digits)? = payload["truncatedAlerts"]?.value { truncated = UInt64(digits) ?? 0 }
    guard let alerts = try payload.list("alerts") else {
      throw SourceError(at: "alerts", expected: "a list", found: "none")
    }
    events = []
    wrong = []
    for alert in alerts {
      do throws(SourceError) {
        events.append(try Self.event(alert, source, severities))
      } catch {
        wrong.append(error)
      }
    }
  }

  private static func event(
    _ alert: Given, _ source: String, _ severities: SeverityWords
  ) throws(SourceError) -> Event {
    let status = try alert.required("status", "firing or resolved")
    guard let labels = try alert.strings("labels") else {
      throw SourceError(at: alert.at + ".labels", expected: "an object of strings", found: "none")
    }
    let given = (try? alert.string("fingerprint")) ?? ""
    guard !labels.isEmpty || !given.isEmpty else {
      throw SourceError(at: alert.at + ".fingerprint", expected: "the alert's fingerprint, or labels", found: "none")
    }
    let fingerprint = given.isEmpty ? LabelFingerprint.of(labels) : EventLimits.key(given)
    var event = AlertmanagerAlert.event(
      source, labels: labels, annotations: alert.ornaments("annotations"),
      links: [("source", alert.ornament("generatorURL"))] + grafanasLinks(alert),
      details: alert.ornament("valueString"), key: fingerprint, severities: severities)
    // A time that can't be read is none: the alert is what counts.
    let startsAt = (try? AlertmanagerAlert.time(alert.string("startsAt"), "")) ?? .unset
    switch status {
    case "firing":
      event.action = .trigger
      event.occurredAt = startsAt
    case "resolved":
      event.action = .resolve
      let ended = (try? AlertmanagerAlert.time(alert.string("endsAt"), "")) ?? .unset
      event.occurredAt = ended.isSet ? ended : startsAt
    default:
      throw SourceError(
        at: alert.at + ".status", expected: "firing or resolved", found: "\"\(EventLimits.clip(status, to: 40))\"")
    }
    return event
  }

  /// Ornaments: what they are not, is left out.
  private static func grafanasLinks(_ alert: Given) -> [(text: String, href: String)] {
    [("dashboard", "dashboardURL"), ("panel", "panelURL"), ("silence", "silenceURL"), ("image", "imageURL")]
      .map { text, name in (text, alert.ornament(name)) }
  }
}
