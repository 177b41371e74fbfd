import Messages

/// The document in the procedure's template, section "Handoff document template": its headings and lines, in its order.
extension HandoffDocument {
  var markdown: String {
    var lines = ["# On-Call Handoff - \(date)", "", "## Summary"]
    let counts = incidents.map { "SEV-\($0.severity.rawValue): \($0.count)" }.joined(separator: ", ")
    lines.append("- Incidents this week: \(counts)")
    lines.append("- Major incidents: \(majorIncidents.isEmpty ? "none" : majorIncidents.joined(separator: "; "))")
    lines.append("- System health: \(systemHealth)")
    func section(_ title: String, _ entries: [[String]]) {
      lines += ["", "## \(title)"]
      lines += entries.isEmpty ? ["- none"] : entries.flatMap { $0 }
    }
    section(
      "Active Issues",
      activeIssues.enumerated().map { index, issue in
        [
          "### Issue \(index + 1): \(issue.title)", "- Status: \(issue.status)", "- Impact: \(issue.impact)",
          "- Next steps: \(issue.nextSteps)", "- Owner: \(issue.owner)",
        ]
      })
    section(
      "Recurring Problems",
      recurringProblems.map {
        [
          "- \($0.problem)", "- Frequency: \($0.frequency)", "- Mitigation: \($0.mitigation)",
          "- Action item: \($0.actionItem)",
        ]
      })
    section("Known Issues", knownIssues.map { ["- \($0.words)"] })
    section("Recent Changes", recentChanges.map { ["- \($0.date): \($0.change)", "- Impact: \($0.impact)"] })
    section("Monitoring Notes", monitoringNotes.map { ["- \($0.text)"] })
    section("Recommendations", recommendations.map { ["- \($0.text)"] })
    return lines.map(Self.oneLine).joined(separator: "\n") + "\n"
  }

  /// What somebody wrote can't begin a line of its own.
  private static func oneLine(_ text: String) -> String {
    text.split(whereSeparator: \.isNewline).joined(separator: " ")
  }
}

extension KnownIssue {
  fileprivate var words: String {
    let more = [("impact", impact), ("workaround", workaround), ("action item", actionItem), ("owner", owner)]
    return (["\(title): \(description)"] + more.filter { !$0.1.isEmpty }.map { "\($0.0): \($0.1)" })
      .joined(separator: "; ")
  }
}
