import Messages

/// What Prometheus and its kin say of an alert, by its labels and annotations, whichever way it comes.
enum AlertmanagerAlert {
  /// Without action and time.
  static func event(
    _ source: String, labels: [String: String], annotations: [String: String], links: [(text: String, href: String)],
    details: String = "", key: String, severities: SeverityWords
  ) -> Event {
    let name = labels["alertname"] ?? ""
    var event = Event(source: source, dedupKey: EventLimits.clip(key, to: EventLimits.name))
    event.severity = severities.severity(of: labels["severity"] ?? "")
    event.service = EventLimits.clip(labels["service"] ?? "", to: EventLimits.name)
    event.alertClass = EventLimits.clip(SnakeCase.from(name), to: EventLimits.name)
    event.summary = EventLimits.clip(summary(labels, annotations, name), to: EventLimits.summary)
    event.labels = SourceWords.labels(labels)
    SourceWords.add(
      [("runbook", annotations["runbook_url"] ?? "")] + links, details: self.details(annotations) + [details],
      to: &event)
    return event
  }

  private static func summary(
    _ labels: [String: String], _ annotations: [String: String], _ name: String
  ) -> String {
    let spoken = annotations["summary"] ?? ""
    if !spoken.isEmpty { return spoken }
    let words = [name, labels["service"] ?? "", labels["instance"] ?? ""].filter { !$0.isEmpty }
    return words.isEmpty ? "alert without a name" : words.joined(separator: " ")
  }

  /// The description, then whatever else was annotated, in order of name.
  private static func details(_ annotations: [String: String]) -> [String] {
    let others = annotations.filter {
      !["summary", "description", "runbook_url"].contains($0.key) && !$0.value.isEmpty
    }
    return [annotations["description"] ?? ""]
      + others.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
  }

  /// Go's zero time, year 1, means "not yet".
  static func time(_ text: String?, _ at: String) throws(SourceError) -> Instant {
    guard let text, !text.isEmpty, !text.hasPrefix("0001-01-01T00:00:00") else { return .unset }
    guard let instant = RFC3339.instant(text) else {
      throw SourceError(at: at, expected: "an RFC 3339 time", found: "\"\(EventLimits.clip(text, to: 40))\"")
    }
    return max(.unset, instant)
  }
}
