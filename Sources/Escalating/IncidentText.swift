import Messages

/// What is posted of incidents in the procedure's own words (requirements E6, E7). Whatever people or sources write stays within
/// the line that is meant for it: a line break in a field would be a line of the template to whoever reads it.
enum IncidentText {
  /// The communication template, filled in.
  static func update(_ request: UpdateRequest, at now: Instant) -> String {
    """
    INCIDENT UPDATE - [\(TimeText.clock(now))]
    Status: \(request.status.words)
    Impact: \(line(request.impact))
    Actions: \(line(request.actions))
    Next: \(line(request.next))
    ETA: \(line(request.eta))
    """
  }

  /// The message for those who join.
  ///
  /// - Parameter link: where the incident can be seen; empty: it is named by its id.
  static func escalation(
    to tier: UInt32, of incident: RunningIncident, link: String, reason: String, currentStatus: String
  ) -> String {
    """
    ESCALATION TO \(tier.escalationName)
    Incident: \(link.isEmpty ? incident.id : link) \(line(incident.opened.summary))
    Reason: \(line(reason))
    Current status: \(currentStatus.isEmpty ? incident.status.words : line(currentStatus))
    """
  }

  /// One line: what any reader may take for a line's end becomes a space.
  static func line(_ text: String) -> String {
    text.split(whereSeparator: \.isNewline).joined(separator: " ")
  }
}
