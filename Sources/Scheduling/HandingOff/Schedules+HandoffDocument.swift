import CivilTime
import Messages

/// The handoff document, filled from what is known at the handoff, or until now before it (requirement H2).
extension Schedules {
  static let recursAfter = 3
  private static let entriesAtMost = 100

  public func handoffDocument(_ request: HandoffRequest, now: Instant) throws(Refusal) -> HandoffDocumentReply {
    documentReply(of: try handoff(request.team, at: request.at, now: now), now: now)
  }

  func documentReply(of handoff: HandoffTurn, now: Instant) -> HandoffDocumentReply {
    let signed = handoffs.kept(handoff.team.id, at: handoff.at).signed
    let document = document(of: handoff, now: now)
    return HandoffDocumentReply(
      document: document, markdown: Array(document.markdown.utf8), signedBy: signed?.signature?.by ?? "",
      signedAt: signed?.signedAt ?? .unset)
  }

  /// As it was signed, or as it would be.
  func document(of handoff: HandoffTurn, now: Instant) -> HandoffDocument {
    handoffs.kept(handoff.team.id, at: handoff.at).signed?.document ?? composedDocument(of: handoff, now: now)
  }

  func composedDocument(of handoff: HandoffTurn, now: Instant) -> HandoffDocument {
    let until = min(handoff.at, now)
    let edits = handoffs.kept(handoff.team.id, at: handoff.at).edits.filter { !$0.text.isEmpty }
    func words(_ section: HandoffSection, _ entry: String, _ field: String, otherwise: String) -> String {
      edits.first { $0.section == section && $0.entry == entry && $0.field == field }?.text ?? otherwise
    }
    func notes(_ section: HandoffSection) -> [HandoffNote] {
      edits.filter { $0.section == section }.map { HandoffNote(entry: $0.entry, text: $0.text) }
    }
    let known = handoffs.incidents.values.filter { $0.team == handoff.team.id && $0.openedAt < until }
      .sorted { ($0.openedAt, $0.incidentId) < ($1.openedAt, $1.incidentId) }
    let opened = known.filter { $0.openedAt >= handoff.from }
    let active = known.filter { !$0.resolvedAt.isSet || $0.resolvedAt > until }
    let major = opened.filter(\.isMajor)
    let changes = handoffs.changes.values
      .filter { $0.team == handoff.team.id && handoff.from <= $0.at && $0.at < until }
      .sorted { ($0.at, $0.id) < ($1.at, $1.id) }
    return HandoffDocument(
      date: handoff.zone.local(handoff.at).date.description,
      incidents: [Severity.sev1, .sev2, .sev3, .sev4].map { severity in
        SeverityCount(severity: severity, count: UInt32(opened.count { $0.severity == severity }))
      },
      majorIncidents: major.suffix(Self.entriesAtMost).map { $0.majorWords(until: until, in: handoff.zone) },
      systemHealth: words(.summary, "", "health", otherwise: Self.health(active: active, major: major)),
      activeIssues: active.suffix(Self.entriesAtMost).map { incident in
        let id = incident.incidentId
        let owner = incident.owner.isEmpty ? "nobody yet" : incident.owner
        return ActiveIssue(
          incidentId: id, title: "\(incident.severityWord) \(id) \(incident.summary)",
          status: words(.activeIssues, id, "status", otherwise: incident.status.or("no update yet")),
          impact: words(.activeIssues, id, "impact", otherwise: incident.impact.or("not described")),
          nextSteps: words(.activeIssues, id, "next_steps", otherwise: incident.next.or("not described")),
          owner: words(.activeIssues, id, "owner", otherwise: owner))
      },
      recurringProblems: Self.recurring(opened).prefix(Self.entriesAtMost).map { entry, problem, times in
        RecurringProblem(
          entry: entry, problem: words(.recurringProblems, entry, "problem", otherwise: problem),
          frequency: "\(times) times in this shift",
          mitigation: words(.recurringProblems, entry, "mitigation", otherwise: "not described"),
          actionItem: words(.recurringProblems, entry, "action_item", otherwise: "not described"))
      },
      knownIssues: knownIssues(of: handoff),
      recentChanges: changes.suffix(Self.entriesAtMost).map { change in
        RecentChange(
          id: change.id, date: handoff.zone.local(change.at).date.description, change: change.words,
          impact: words(.recentChanges, change.id, "impact", otherwise: change.impact.or("none observed")))
      },
      monitoringNotes: notes(.monitoringNotes), recommendations: notes(.recommendations))
  }

  /// They stay from handoff to handoff until somebody takes them out (requirement E11).
  private func knownIssues(of handoff: HandoffTurn) -> [KnownIssue] {
    var issues: [KnownIssue] = []
    let until = (handoffs.kept[handoff.team.id] ?? [:]).filter { $0.key <= handoff.at }.sorted { $0.key < $1.key }
    for edit in until.flatMap(\.value.edits) where edit.section == .knownIssues {
      if edit.field == "description", edit.text.isEmpty {
        issues.removeAll { $0.title == edit.entry }
        continue
      }
      if !issues.contains(where: { $0.title == edit.entry }) {
        guard edit.field == "description" else { continue }
        issues.append(KnownIssue(title: edit.entry))
      }
      guard let index = issues.firstIndex(where: { $0.title == edit.entry }) else { continue }
      switch edit.field {
      case "impact": issues[index].impact = edit.text
      case "workaround": issues[index].workaround = edit.text
      case "action_item": issues[index].actionItem = edit.text
      case "owner": issues[index].owner = edit.text
      default: issues[index].description = edit.text
      }
    }
    return issues
  }

  private static func health(active: [HandoffIncident], major: [HandoffIncident]) -> String {
    if let gravest = active.filter(\.isMajor).map(\.severity.rawValue).min() {
      return "degraded: \(active.count) not resolved, the gravest SEV-\(gravest)"
    }
    if !active.isEmpty { return "working, \(active.count) not resolved, none of them major" }
    return major.isEmpty ? "good: nothing is open" : "recovered: all major incidents are resolved"
  }

  /// The same service and class, most often first.
  private static func recurring(_ opened: [HandoffIncident]) -> [(entry: String, problem: String, times: Int)] {
    let kinds = Dictionary(grouping: opened) { "\($0.service)/\($0.alertClass)" }
    return kinds.filter { $0.value.count >= recursAfter }
      .map { entry, incidents in
        let last = incidents[incidents.count - 1]
        return (
          entry, "\(last.alertClass.or("alerts")) of \(last.service.or("no service")): \(last.summary)", incidents.count
        )
      }
      .sorted { ($1.times, $0.entry) < ($0.times, $1.entry) }
  }
}

extension HandoffIncident {
  /// SEV-1 and SEV-2.
  fileprivate var isMajor: Bool { severity == .sev1 || severity == .sev2 }

  fileprivate var severityWord: String { severity == .unspecified ? "no severity" : "SEV-\(severity.rawValue)" }

  fileprivate func majorWords(until: Instant, in zone: TimeZoneRules) -> String {
    let isOver = resolvedAt.isSet && resolvedAt <= until
    let end = isOver ? "resolved after \(PayWords.time(resolvedAt - openedAt))" : "not resolved"
    return "\(severityWord) \(incidentId) \(summary) (\(openedAt.short(in: zone)), \(end))"
  }
}

extension ChangeEvent {
  fileprivate var words: String {
    (service.isEmpty ? summary : "\(service): \(summary)") + (link.isEmpty ? "" : " (\(link))")
  }
}

extension String {
  fileprivate func or(_ other: String) -> String { isEmpty ? other : self }
}
