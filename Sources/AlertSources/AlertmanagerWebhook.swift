import Foundation
import Messages

/// Reads what Prometheus Alertmanager sends to a webhook receiver (payload version 4) as events for intake.
///
/// Each element of `alerts` is an alert of its own: what Alertmanager groups for notification is not one alert. The
/// dedup key is the alert's fingerprint, a hash of its labels, so that repeats, resolutions and the copies of several
/// Alertmanagers meet. Unknown fields are ignored, because newer versions add some. What is longer than intake takes is cut,
/// and an address that is too long is left out with a word in the details: no page is lost for an ornament.
public struct AlertmanagerWebhook: Hashable, Sendable {
  public var events: [Event]
  /// How many alerts Alertmanager left out (`max_alerts`): that one isn't here then means nothing.
  public var truncated: UInt64

  public init(
    reading json: [UInt8], source: String = "alertmanager", severities: SeverityWords = .usual
  ) throws(SourceError) {
    let payload: Payload
    do {
      payload = try JSONDecoder().decode(Payload.self, from: Data(json))
    } catch let error as DecodingError {
      throw SourceError(explaining: error)
    } catch {
      throw SourceError(at: "payload", expected: "JSON", found: "\(error)")
    }
    guard payload.version == "4" else {
      throw SourceError(at: "version", expected: "\"4\"", found: payload.version.map { "\"\($0)\"" } ?? "none")
    }
    truncated = payload.truncatedAlerts ?? 0
    events = []
    for (index, alert) in payload.alerts.enumerated() {
      events.append(try alert.event("alerts[\(index)]", source, severities))
    }
  }

  private struct Payload: Decodable {
    var version: String?
    var truncatedAlerts: UInt64?
    var alerts: [Element]
  }

  private struct Element: Decodable {
    var status: String
    var labels: [String: String]
    var annotations: [String: String]?
    var startsAt: String?
    var endsAt: String?
    var generatorURL: String?
    var fingerprint: String?

    func event(_ at: String, _ source: String, _ severities: SeverityWords) throws(SourceError) -> Event {
      guard let fingerprint, !fingerprint.isEmpty, fingerprint.utf8.count <= 255 else {
        throw SourceError(at: at + ".fingerprint", expected: "the alert's fingerprint", found: "none")
      }
      let annotations = annotations ?? [:]
      var event = Event(source: source, dedupKey: EventLimits.clip(fingerprint, to: EventLimits.name))
      switch status {
      case "firing":
        event.action = .trigger
        event.occurredAt = try time(startsAt, at + ".startsAt")
      case "resolved":
        event.action = .resolve
        let ended = try time(endsAt, at + ".endsAt")
        event.occurredAt = ended.isSet ? ended : try time(startsAt, at + ".startsAt")
      default:
        throw SourceError(at: at + ".status", expected: "firing or resolved", found: "\"\(status)\"")
      }
      let name = labels["alertname"] ?? ""
      event.severity = severities.severity(of: labels["severity"] ?? "")
      event.service = EventLimits.clip(labels["service"] ?? "", to: EventLimits.name)
      event.alertClass = EventLimits.clip(SnakeCase.from(name), to: EventLimits.name)
      event.summary = EventLimits.clip(summary(annotations, name), to: EventLimits.summary)
      event.labels = kept(labels)
      var leftOut: [String] = []
      for (text, href) in [("runbook", annotations["runbook_url"] ?? ""), ("source", generatorURL ?? "")] {
        let clean = EventLimits.clip(href, to: .max)
        if clean.utf8.count > EventLimits.href {
          leftOut.append("(the \(text) link of \(clean.utf8.count) bytes is too long and was left out)")
        } else if !clean.isEmpty {
          event.links.append(Link(href: clean, text: text))
        }
      }
      event.details = EventLimits.clip(details(annotations), to: EventLimits.details - 256)
      if !leftOut.isEmpty {
        event.details = ([event.details] + leftOut).filter { !$0.isEmpty }.joined(separator: "\n")
      }
      return event
    }

    /// In order of name; of names that are the same once cut, the first.
    private func kept(_ labels: [String: String]) -> [Label] {
      var kept: [Label] = []
      for (name, value) in labels.sorted(by: { $0.key < $1.key }) where !value.isEmpty && !name.isEmpty {
        let label = Label(
          name: EventLimits.clip(name, to: EventLimits.name), value: EventLimits.clip(value, to: EventLimits.labelValue)
        )
        if label.name != kept.last?.name { kept.append(label) }
      }
      return Array(kept.prefix(EventLimits.labels))
    }

    private func summary(_ annotations: [String: String], _ name: String) -> String {
      let spoken = annotations["summary"] ?? ""
      if !spoken.isEmpty { return spoken }
      let words = [name, labels["service"] ?? "", labels["instance"] ?? ""].filter { !$0.isEmpty }
      return words.isEmpty ? "alert without a name" : words.joined(separator: " ")
    }

    /// The description, then whatever else was annotated, in order of name.
    private func details(_ annotations: [String: String]) -> String {
      let others = annotations.filter { !["summary", "description", "runbook_url"].contains($0.key) }
      let lines = others.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
      return ([annotations["description"] ?? ""] + lines).filter { !$0.isEmpty }.joined(separator: "\n")
    }

    /// Go's zero time, year 1, means "not yet".
    private func time(_ text: String?, _ at: String) throws(SourceError) -> Instant {
      guard let text, !text.isEmpty, !text.hasPrefix("0001-01-01T00:00:00") else { return .unset }
      guard let instant = RFC3339.instant(text) else {
        throw SourceError(at: at, expected: "an RFC 3339 time", found: "\"\(text)\"")
      }
      return max(.unset, instant)
    }
  }
}
