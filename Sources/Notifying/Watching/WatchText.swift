import Messages

/// What the watch says.
enum WatchText {
  /// Stands where pages name their incident.
  static let incident = "watch"
  static let because = "the watch compares what was accepted with what was paged; look: tocsinctl health"
  static let over = "RESOLVED The watch: each accepted alert has its page again, and synthetic alerts arrive"
  static let named = 3

  static func alarm(missing: [MissingAlert], lastPassed: Instant?, at now: Instant) -> String {
    var parts: [String] = []
    if !missing.isEmpty {
      let count = missing.count == 1 ? "1 accepted alert" : "\(missing.count) accepted alerts"
      let more = missing.count > named ? " and \(missing.count - named) more" : ""
      parts.append(
        "no page for \(count): \(missing.prefix(named).map { line($0, at: now) }.joined(separator: "; "))\(more)")
    }
    if let lastPassed {
      let since = lastPassed.isSet ? "for \(minutes(now - lastPassed))" : "yet"
      parts.append("no synthetic alert has come through \(since), so pages may not either")
    }
    return parts.joined(separator: "; ")
  }

  private static func line(_ alert: MissingAlert, at now: Instant) -> String {
    let service = alert.service.isEmpty ? "" : "\(alert.service): "
    return
      "\(alert.severity.words) \(service)\(alert.summary) (\(alert.id), \(alert.team), \(minutes(now - alert.openedAt)) ago)"
  }

  private static func minutes(_ span: Span) -> String {
    span < .minutes(2) ? "\(span.milliseconds / 1_000) s" : "\(span.milliseconds / 60_000) min"
  }
}
