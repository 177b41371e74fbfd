import Messages

extension TimelineDocument {
  /// Times are UTC, the timeline has a heading a day.
  public var markdown: String {
    let incident = incident ?? Incident()
    var lines = ["# Incident timeline - \(incident.id): \(incident.summary)", "", "## Summary"]
    lines += summary(of: incident).filter { !$0.1.isEmpty }.map { "- \($0.0): \($0.1)" }
    lines +=
      ["", "## Breaches"] + (breaches.isEmpty ? ["- none"] : breaches.map { "- \(Self.moment($0.at)): \($0.text)" })
    lines += ["", "## Status updates"]
    lines += updates.isEmpty ? ["- none"] : updates.map { "- \(Self.moment($0.at)), \($0.person): \($0.text)" }
    lines += ["", "## Timeline"]
    var day = ""
    for line in self.lines {
      let date = TimeText.date(line.at)
      if date != day {
        lines += ["", "### \(date)", ""]
        day = date
      }
      lines.append("- \(TimeText.second(line.at)) \(line.kind): \(line.text)")
    }
    return lines.map(Self.oneLine).joined(separator: "\n") + "\n"
  }

  private func summary(of incident: Incident) -> [(String, String)] {
    let more = incident.moreAlerts == 0 ? "" : "\(incident.moreAlerts) more are part of it"
    return [
      ("Severity", incident.severity.words), ("State", incident.stateWords),
      ("Service", incident.service), ("Alert class", incident.alertClass), ("Team", incident.team),
      ("Policy", incident.policy.isEmpty ? "" : "\(incident.policy), version \(incident.policyVersion)"),
      ("Opened", Self.moment(incident.openedAt)),
      (
        "First acknowledged",
        responders.isEmpty ? "nobody has" : "after \(Self.span(timeToAcknowledge)), by \(responders[0])"
      ),
      (
        "Resolved",
        timeToResolve > .zero ? "\(Self.moment(incident.resolvedAt)), after \(Self.span(timeToResolve))" : "not yet"
      ),
      ("Commander", incident.commander), ("Owner", incident.owner),
      ("Status", incident.status == .unspecified ? "" : incident.status.words),
      ("Acknowledged by", responders.joined(separator: ", ")), ("Also paged", paged.joined(separator: ", ")),
      ("Flags", incident.flags.joined(separator: ", ")), ("Alerts", more), ("Part of", incident.mergedInto),
      ("Runbook", incident.runbook),
    ]
  }

  static func moment(_ instant: Instant) -> String {
    instant.isSet ? "\(TimeText.date(instant)) \(TimeText.second(instant)) UTC" : ""
  }

  /// "4 min 10 s": to the second.
  private static func span(_ span: Span) -> String {
    let seconds = span.milliseconds / 1_000
    let parts = [(seconds / 3_600, "h"), (seconds / 60 % 60, "min"), (seconds % 60, "s")].filter { $0.0 > 0 }
    return parts.isEmpty ? "0 s" : parts.map { "\($0.0) \($0.1)" }.joined(separator: " ")
  }

  /// What somebody wrote can't begin a line of its own.
  static func oneLine(_ text: String) -> String {
    text.split(whereSeparator: \.isNewline).joined(separator: " ")
  }
}

extension Incident {
  fileprivate var stateWords: String {
    switch state {
    case .resolved: mergedInto.isEmpty ? "resolved" : "merged"
    case .acknowledged: "acknowledged"
    case .triggered, .unspecified: "triggered"
    }
  }
}
