import Foundation
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
    let at = "line \(number)"
    let read: Line
    do {
      let data = Data(line.utf8)
      let given = try JSONDecoder().decode([String: Anything].self, from: data).keys
      if let unknown = given.sorted().first(where: { !keys.contains($0) }) {
        throw SourceError(at: at, expected: "the keys \(keys.joined(separator: ", "))", found: "\"\(unknown)\"")
      }
      read = try JSONDecoder().decode(Line.self, from: data)
    } catch let error as DecodingError {
      let inner = SourceError(explaining: error)
      throw SourceError(at: "\(at), \(inner.at)", expected: inner.expected, found: inner.found)
    } catch let error as SourceError {
      throw error
    } catch {
      throw SourceError(at: at, expected: "a JSON object", found: "\(error)")
    }
    return try read.event(at, source, severities)
  }

  private struct Anything: Decodable {
    init(from decoder: any Decoder) {}
  }

  private struct Line: Decodable {
    struct Reference: Decodable {
      var href: String
      var text: String?
    }
    enum CodingKeys: String, CodingKey {
      case action, source, severity, summary, service, labels, links, details
      case dedupKey = "dedup_key"
      case alertClass = "class"
      case occurredAt = "occurred_at"
    }
    var action: String?
    var source: String?
    var dedupKey: String?
    var severity: String?
    var summary: String?
    var alertClass: String?
    var service: String?
    var labels: [String: String]?
    var links: [Reference]?
    var details: String?
    var occurredAt: String?

    func event(_ at: String, _ source: String, _ severities: SeverityWords) throws(SourceError) -> Event {
      var event = Event(source: self.source ?? source, dedupKey: dedupKey ?? "")
      guard let action = EventLine.action(self.action ?? "trigger") else {
        throw SourceError(
          at: "\(at), action", expected: "trigger, acknowledge, resolve or change", found: "\"\(self.action ?? "")\"")
      }
      event.action = action
      if let severity { event.severity = severities.severity(of: severity) }
      event.summary = EventLimits.clip(summary ?? "", to: EventLimits.summary)
      event.alertClass = alertClass ?? ""
      event.service = service ?? ""
      event.labels = (labels ?? [:]).sorted { $0.key < $1.key }.map { Label(name: $0.key, value: $0.value) }
      event.links = (links ?? []).map { Link(href: $0.href, text: $0.text ?? "") }
      event.details = EventLimits.clip(details ?? "", to: EventLimits.details)
      if let occurredAt {
        guard let instant = RFC3339.instant(occurredAt) else {
          throw SourceError(at: "\(at), occurred_at", expected: "an RFC 3339 time", found: "\"\(occurredAt)\"")
        }
        event.occurredAt = instant
      }
      return event
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
