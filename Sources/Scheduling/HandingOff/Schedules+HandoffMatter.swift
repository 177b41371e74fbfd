import Machinery
import Messages

/// What handoff documents tell of: incidents from the escalator, and changes (requirements H2, I8). Fire drills are left out (A5).
extension Schedules {
  fileprivate static let forgottenAFact = 1_000
  /// What a document has room for, in characters; and the latest pages of an incident.
  private static let wordsAtMost = 1_000
  private static let pagesAtMost = 200
  /// A clock elsewhere may be ahead of this one by so much.
  private static let changeAhead = Span.hours(1)

  /// From the escalator: the whole of what it knows. What came before, or is older, changes nothing; words that no document
  /// has room for are cut.
  func putHandoffIncident(
    _ incident: HandoffIncident, at now: Instant
  ) throws(Refusal) -> Decision<ScheduleFact, ScheduleAnswer> {
    try text(incident.incidentId, "incident_id", 1...64)
    guard incident.generation > 0 else { throw .invalid("generation", "must be at least 1") }
    guard incident.openedAt.isSet else { throw .invalid("opened_at_ms", "must be given") }
    guard !incident.drill, handoffs.isNews(incident), !isTooOld(incident, at: now) else {
      return Decision([], answer: .done(Done()))
    }
    var known = incident
    for words in [\HandoffIncident.summary, \.status, \.impact, \.next, \.note, \.service, \.alertClass] {
      known[keyPath: words] = String(known[keyPath: words].prefix(Self.wordsAtMost))
    }
    known.pages = Array(known.pages.suffix(Self.pagesAtMost))
    return Decision(
      [ScheduleFact(kind: .handoffIncidentKnown(HandoffIncidentKnown(incident: known)))], answer: .done(Done()))
  }

  func recordChange(_ change: ChangeEvent, at now: Instant) throws(Refusal) -> Decision<ScheduleFact, ScheduleAnswer> {
    var change = change
    guard boards[change.team]?.team != nil else {
      throw .notFound("no team is called \(change.team)", field: "team")
    }
    try text(change.id, "id", 0...64)
    try text(change.service, "service", 0...128)
    try text(change.summary, "summary", 1...500)
    try text(change.link, "link", 0...500)
    try text(change.impact, "impact", 0...1_000)
    try text(change.by, "by", 0...64)
    if !change.at.isSet { change.at = now }
    guard change.at <= now + Self.changeAhead else {
      throw .invalid("at_ms", "a change is recorded when it has happened (I8)")
    }
    guard change.at > now - HandoffBook.memory else {
      throw .invalid("at_ms", "more than five weeks ago: no handoff document tells of it any more")
    }
    if let other = handoffs.changes[change.id], other.team != change.team {
      throw Refusal(.alreadyExists, "change \(change.id) is one of team \(other.team): use another id", field: "id")
    }
    guard !change.id.hasPrefix("change-") || handoffs.changes[change.id] != nil else {
      throw .invalid("id", "change-1 and so on are given by number: use another id, or none")
    }
    if change.id.isEmpty { change.id = "change-\(handoffs.changesNumbered + 1)" }
    let facts = change.drill ? [] : [ScheduleFact(kind: .changeRecorded(ChangeRecorded(change: change)))]
    return Decision(facts, answer: .handoff(.change(change)))
  }

  /// From intake, once or more often. Its team may not be configured here yet; words that no document has room for are cut.
  func putChange(_ told: ChangeTold, at now: Instant) throws(Refusal) -> Decision<ScheduleFact, ScheduleAnswer> {
    guard var change = told.change else { throw .invalid("change", "must be given") }
    try text(change.id, "change.id", 1...64)
    guard change.at.isSet else { throw .invalid("change.at_ms", "must be given") }
    guard told.handedOverAt.isSet else { throw .invalid("handed_over_at_ms", "must be given") }
    change.at = now - max(.zero, told.handedOverAt - change.at)
    for (words, most) in [
      (\ChangeEvent.team, 64), (\.service, 128), (\.summary, 500), (\.link, 500), (\.impact, 1_000), (\.by, 64),
    ] { change[keyPath: words] = String(change[keyPath: words].prefix(most)) }
    let isNews = handoffs.changes[change.id] == nil && change.at > now - HandoffBook.memory
    return Decision(
      isNews ? [ScheduleFact(kind: .changeRecorded(ChangeRecorded(change: change)))] : [], answer: .done(Done()))
  }

  /// What is known as active must end, however long ago: by a clock that is wrong, everything is too old.
  private func isTooOld(_ incident: HandoffIncident, at now: Instant) -> Bool {
    handoffs.incidents[incident.incidentId] == nil && incident.resolvedAt.isSet
      && incident.resolvedAt <= now - HandoffBook.memory
  }
}

extension ScheduleDraft {
  /// At a renewal: incidents that were over five weeks ago, and changes of that age, go.
  mutating func forgetHandoffMatter() {
    guard let forgotten = schedules.handoffs.outdated(at: now, most: Schedules.forgottenAFact) else { return }
    add(.handoffMatterForgotten(forgotten))
  }
}
