import CivilTime
import Machinery
import Messages

/// What people have done, and who may be on call (requirements P2, P3).
extension Schedules {
  func recordTraining(_ asked: TrainingRecord, at now: Instant) throws(Refusal) -> Decision<
    ScheduleFact, ScheduleAnswer
  > {
    var record = asked
    guard people[record.person] != nil else { throw .notFound("nobody is called \(record.person)", field: "person") }
    guard record.item != .unspecified else { throw .invalid("item", "must be an item of the programme") }
    if record.completedOn.isEmpty { record.completedOn = TimeZoneRules.utc.local(now).date.description }
    guard let date = CivilDate(record.completedOn), date <= TimeZoneRules.utc.local(now + .hours(26)).date else {
      throw .invalid("completed_on", "must be a date like 2026-11-23, and not to come")
    }
    try text(record.note, "note", 0...500)
    try text(record.by, "by", 0...64)
    var draft = ScheduleDraft(self, at: now)
    if training.record(of: record.person, record.item) != record { draft.record(record) }
    return Decision(
      draft.facts, answer: .trained(TrainingReply(eligibility: draft.schedules.eligibility(record.person, at: now))))
  }

  /// Everybody's, or that of a team's people.
  public func listEligibility(_ request: ListPeopleRequest, now: Instant) throws(Refusal) -> ListEligibilityReply {
    let people = try listPeople(request).people
    return ListEligibilityReply(people: people.map { eligibility($0.id, at: now) })
  }

  func eligibility(_ person: String, at now: Instant) -> PersonEligibility {
    let eligibility = training.eligibility(of: person)
    return PersonEligibility(
      person: person, eligible: eligibility.isEligible, fully: eligibility.isEligible && eligibility.hasDoneSolo,
      missing: eligibility.missing, words: eligibility.words, records: training.records(of: person),
      reminders: training.reminders(for: person, on: TimeZoneRules.utc.local(now).date))
  }
}

extension ScheduleDraft {
  /// One more record. Whoever loses eligibility keeps the shifts that are promised until somebody covers, and the lead is
  /// told at once; what is not promised yet is generated without them (P3).
  mutating func record(_ record: TrainingRecord) {
    let before = schedules.training.eligibility(of: record.person)
    add(.trainingRecorded(TrainingRecorded(record: record, knownAt: now)))
    let after = schedules.training.eligibility(of: record.person)
    guard before.isEligible != after.isEligible || before.isFirstTimer != after.isFirstTimer else { return }
    for id in schedules.boards(involving: record.person, after: now) {
      guard let board = schedules.boards[id], let team = board.team else { continue }
      if before.isEligible, !after.isEligible {
        let held = board.held(by: record.person, from: now).prefix(4).map {
          "\(Self.name(ofTier: $0.tier)) \(words(from: $0.fromAt, until: $0.untilAt, in: team))"
        }
        let shifts =
          held.isEmpty ? "holds nothing published" : "stays \(held.joined(separator: ", ")) until cover is found"
        tellLead(team, "\(name(record.person)) \(after.words) (P3); \(shifts)")
      }
      publish(id, because: .renewal)
    }
  }
}
