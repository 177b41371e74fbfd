import Machinery
import Messages

/// What the scheduler learns of an incident: the matter of the handoff document and of the report after a shift (H2), and
/// what each person worked on it (C2).
extension RunningIncident {
  var record: IncidentRecord {
    get { recorded.record }
    set { recorded.record = newValue }
  }

  var owesNews: Bool { newsSettled < news }
  var newsDebt: DebtKey { DebtKey(id: Self.newsID(id), generation: UInt64(news)) }

  /// Called before the fact changes state, owner and clocks.
  mutating func record(_ kind: EscalationFact.Kind, at instant: Instant) {
    switch kind {
    case .paged(let paged): if paged.purpose == .duty { news += 1 }
    case .acknowledged(let answer):
      news += 1
      if state == .triggered, acknowledgedAt.isSet, !record.firstAcknowledgedAt.isSet {
        record.firstAcknowledgedAt = acknowledgedAt
      }
      if !answer.bySource { changeWork(of: answer.by) { $0.begin(at: instant) } }
    case .acknowledgementLapsed:
      news += 1
      // The escalator may have been down when it lapsed: nobody worked for that.
      let lapsed = clocks.first { $0.kind == .acknowledgementLapse }?.due ?? instant
      changeWorks { $0.end(at: min(instant, lapsed)) }
    case .reassigned(let reassigned):
      news += 1
      if owner != reassigned.to { changeWorks(of: owner) { $0.end(at: instant) } }
    case .snoozed:
      news += 1
      changeWorks { $0.end(at: instant) }
    case .snoozeEnded: news += 1
    case .escalatedByHand(let escalated): resumeWork(of: escalated.by, at: instant)
    case .respondersAdded(let added): resumeWork(of: added.by, at: instant)
    case .flagsRaised(let raised): resumeWork(of: raised.by, at: instant)
    case .commandDelegated(let delegated): resumeWork(of: delegated.by, at: instant)
    case .updated(let updated):
      news += 1
      resumeWork(of: updated.update?.by ?? "", at: instant)
      record.impact = IncidentRecord.cut(updated.update?.impact ?? "")
      record.next = IncidentRecord.cut(updated.update?.next ?? "")
    case .severityChanged(let change):
      news += 1
      if change.severity == .sev1, !record.sev1From.isSet { record.sev1From = instant }
      if change.severity == .sev1, record.sev1Until.isSet { record.sev1Until = .unset }
      if change.severity != .sev1, change.from == .sev1 {
        if !record.sev1From.isSet { record.sev1From = opened.openedAt }
        record.sev1Until = instant
      }
      noteSource(change)
      noteGravest(change.from)
      resumeWork(of: change.by, at: instant)
      changeWorks { $0.tellAgain() }
    case .teamMoved:
      news += 1
      changeWorks { $0.tellAgain() }
      if state == .triggered { changeWorks { $0.end(at: instant) } }
    case .alertJoined(let joined):
      noteGravest(joined.gravest)
      noteServices(joined.services)
      resumeWork(of: joined.by, at: instant)
    case .resolved(let resolved):
      if !resolved.note.isEmpty { record.note = IncidentRecord.cut(resolved.note) }
      endRecord(at: instant)
    case .reopened, .firedAgain:
      news += 1
      record.note = ""
      changeWorks { $0.tellAgain() }
    case .merged(let merged):
      record.note = IncidentRecord.cut("merged into \(merged.into): \(merged.reason)")
      endRecord(at: instant)
    default: break
    }
  }

  private mutating func endRecord(at instant: Instant) {
    news += 1
    changeWorks { work in
      if work.beganAt.isSet { work.end(at: instant) } else { work.tellAgain() }
    }
  }

  /// Pages with duty are told of though they are held no more.
  mutating func leaveFinishedPages() {
    let left = pages.filter { $0.isFinished && $0.purpose == .duty }
    if !left.isEmpty { record.keep(left.map(\.told)) }
    pages.removeAll(where: \.isFinished)
  }

  /// Work is numbered from the incident's news on: what the scheduler may know of work that was lost here lies below.
  private mutating func changeWork(of person: String, _ edit: (inout HeldWork) -> Void) {
    record.change(person, numbersFrom: news, edit)
  }

  /// Whoever does something about it while it is quiet works on it again.
  private mutating func resumeWork(of person: String, at instant: Instant) {
    guard isSnoozed, !person.isEmpty else { return }
    changeWork(of: person) { $0.begin(at: instant) }
  }

  /// What its source calls it matters from the first time on that a person, or the source of a part, has another opinion.
  private mutating func noteSource(_ change: SeverityChanged) {
    if change.by.isEmpty, change.alertId.isEmpty {
      if record.sourceSeverity != .unspecified { record.sourceSeverity = change.severity }
    } else if record.sourceSeverity == .unspecified {
      record.sourceSeverity = change.from
    }
  }

  /// What it was before, or what was merged into it.
  private mutating func noteGravest(_ other: Severity) {
    if other.isWorse(than: gravest) { record.gravest = other }
  }

  /// What was merged into it is about these.
  private mutating func noteServices(_ others: [String]) {
    let new = others.filter { !services.contains($0) }
    if !new.isEmpty { record.services = Array((record.services + new).prefix(IncidentRecord.servicesAtMost)) }
  }

  private mutating func changeWorks(of person: String? = nil, _ edit: (inout HeldWork) -> Void) {
    guard !record.works.isEmpty else { return }
    for index in record.works.indices where person == nil || record.works[index].person == person {
      edit(&record.works[index])
    }
  }

  // MARK: As it is told

  static func newsID(_ incident: String) -> String { "\(incident):" }

  /// Whether a debt's id is one of the scheduler's.
  static func isRecord(_ debt: String) -> Bool { debt.first { $0 == "/" || $0 == "#" || $0 == ":" } == ":" }

  func recordDebt(_ id: String) -> EscalationDebt? {
    if id == Self.newsID(self.id) { return .incident(toldIncident) }
    return record.works.first { HeldWork.id(of: $0.person, in: self.id) == id }.map { .work(toldWork($0)) }
  }

  func owesRecord(_ id: String, _ generation: UInt64) -> Bool {
    if id == Self.newsID(self.id) { return UInt64(newsSettled) < generation }
    return record.works.contains {
      HeldWork.id(of: $0.person, in: self.id) == id && UInt64($0.settled) < generation
    }
  }

  /// - Returns: whether the scheduler knows all of it now.
  mutating func settleRecord(_ id: String, _ generation: UInt64) -> Bool {
    let generation = UInt32(clamping: generation)
    if id == Self.newsID(self.id) {
      newsSettled = max(newsSettled, generation)
      return !owesNews
    }
    guard let index = record.works.firstIndex(where: { HeldWork.id(of: $0.person, in: self.id) == id }) else {
      return true
    }
    record.works[index].settled = max(record.works[index].settled, generation)
    return !record.works[index].isOwed
  }

  /// The scheduler has lost what it knew.
  mutating func oweRecordAgain() {
    newsSettled = 0
    changeWorks { if !$0.spans.isEmpty { $0.settled = 0 } }
  }

  /// Numbers that were lost here may be known to the scheduler: it is told again, beyond them.
  mutating func skipRecordNumbers(_ lost: UInt32) {
    news += lost
    changeWorks { work in
      work.generation += lost
      if work.spans.isEmpty { work.settled = work.generation }
    }
  }

  /// Written before the scheduler was told of anything: whoever had it works on it since the acknowledgement.
  mutating func beginRecord() {
    news += 1
    let since = acknowledgedAt
    if state == .acknowledged, !owner.isEmpty { changeWork(of: owner) { $0.begin(at: since) } }
    stop(.forget)
  }

  private var toldIncident: HandoffIncident {
    HandoffIncident(
      incidentId: id, generation: UInt64(news), team: opened.team, service: opened.service,
      alertClass: opened.alertClass, severity: severity, summary: opened.summary, openedAt: opened.openedAt,
      acknowledgedAt: record.firstAcknowledgedAt.isSet ? record.firstAcknowledgedAt : acknowledgedAt,
      resolvedAt: resolvedAt, owner: owner, status: status == .unspecified ? "" : status.words.lowercased(),
      impact: record.impact, next: record.next, note: record.note,
      pages: (record.earlierPages + pages.filter { $0.purpose == .duty }.map(\.told))
        .suffix(IncidentRecord.pagesAtMost))
  }

  private func toldWork(_ work: HeldWork) -> Work {
    let sev1From = record.sev1From.isSet ? record.sev1From : severity == .sev1 ? opened.openedAt : .unset
    return Work(
      incidentId: id, person: work.person, generation: UInt64(work.generation), team: opened.team, severity: severity,
      summary: IncidentRecord.cut(opened.summary), spans: work.spans, sev1FromAt: sev1From,
      sev1UntilAt: sev1From.isSet ? (record.sev1Until.isSet ? record.sev1Until : resolvedAt) : .unset)
  }
}

extension HeldPage {
  fileprivate var told: PageTold { PageTold(person: person, at: pagedAt) }
}

extension Escalations {
  mutating func oweRecord(of incident: RunningIncident, at instant: Instant) {
    if incident.owesNews { debtsToScheduler.owe(incident.newsDebt, urgency: 0, since: instant) }
    for work in incident.record.works where work.isOwed {
      debtsToScheduler.owe(
        DebtKey(id: HeldWork.id(of: work.person, in: incident.id), generation: UInt64(work.generation)), urgency: 0,
        since: instant)
    }
  }
}
