import Escalating
import Messages
import Testing

/// Requirement E8: the timeline as a document that a reviewer can read.
@Suite struct TimelineDocumentTests {
  /// A SEV-1 that was acknowledged late, updated and resolved.
  private func document() throws -> TimelineDocument {
    var escalator = Escalator()
    escalator.alert(.sev1)
    escalator.wait(.seconds(6 * 60 + 10))
    try escalator.acknowledge(by: "ana")
    escalator.wait(.minutes(2))
    try escalator.ask(
      .update(
        UpdateRequest(
          incidentId: "2f-1", by: "ana", status: .identified, impact: "5 %\n## no heading", actions: "rollback",
          next: "verify", eta: "10 min")))
    try escalator.escalate(by: "ana", to: 2)
    escalator.wait(.minutes(60 * 14))
    try escalator.resolve(by: "ben")
    let lines = escalator.facts.enumerated().compactMap {
      TimelineText.line(of: $1.fact, at: $1.at, sequence: UInt64($0))
    }
    return TimelineDocument(of: escalator.incident(), lines: lines.filter { $0.incidentId == "2f-1" })
  }

  @Test func itBeginsWithWhatAReaderWantsToKnow() throws {
    let document = try document()
    #expect(document.timeToAcknowledge == .seconds(370))
    #expect(document.responders == ["ana"] && document.paged.contains("ben") && !document.paged.contains("ana"))
    #expect(document.breaches.first?.text == "acknowledgement target missed")
    #expect(document.updates.count == 1)
    let markdown = document.markdown
    for line in [
      "# Incident timeline - 2f-1: down", "- Severity: SEV-1", "- Opened: 2026-11-25 10:00:00 UTC",
      "- First acknowledged: after 6 min 10 s, by ana", "- Resolved: 2026-11-26 00:08:10 UTC, after 14 h 8 min 10 s",
      "- Commander: ana", "### 2026-11-25", "### 2026-11-26", "- 10:00:00 opened: SEV-1 redis: down",
      "- 2026-11-25 10:05:00 UTC: acknowledgement target missed",
    ] { #expect(markdown.split(separator: "\n").contains(Substring(line)), "\(line)") }
  }

  @Test func whatIsOpenAgainIsNotResolvedAndASourceIsNobody() throws {
    var escalator = Escalator()
    escalator.alert(.sev2, state: .acknowledged)
    escalator.wait(.minutes(1))
    try escalator.resolve(by: "ben")
    try escalator.ask(.reopen(ReopenRequest(incidentId: "2f-1", by: "ana", reason: "it is back")))
    let lines = escalator.facts.compactMap { TimelineText.line(of: $0.fact, at: $0.at, sequence: 1) }
    let document = TimelineDocument(of: escalator.incident(), lines: lines.filter { $0.incidentId == "2f-1" })
    #expect(document.timeToResolve == .zero && document.timeToAcknowledge == .zero && document.responders == [])
    #expect(document.markdown.contains("- Resolved: not yet\n"))
  }

  @Test func whatSomebodyWroteBeginsNoLine() throws {
    #expect(!(try document().markdown.contains("\n## no heading")))
  }

  @Test func anIncidentThatNobodyTouchedSaysSo() {
    var escalator = Escalator()
    escalator.alert(.sev3)
    let markdown = TimelineDocument(of: escalator.incident(), lines: []).markdown
    #expect(markdown.contains("- First acknowledged: nobody has\n- Resolved: not yet\n"))
    #expect(markdown.contains("## Breaches\n- none\n\n## Status updates\n- none\n"))
  }
}
