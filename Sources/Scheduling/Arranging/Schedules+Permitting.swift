import Machinery
import Messages

/// Who may hold a shift, and who may put them there: every refusal names the rule, the person and what would make it possible.
extension Schedules {
  /// Eligible (P3) and not away (S8).
  func mayHold(_ person: String, from: Instant, until: Instant, field: String = "person") throws(Refusal) {
    guard people[person] != nil else { throw .notFound("nobody is called \(person)", field: field) }
    let eligibility = training.eligibility(of: person)
    guard eligibility.isEligible else { throw Refusal(.failedPrecondition, eligibility.refusal, field: field) }
    if let absence = absences.first(of: person, from: from, until: until) {
      throw Refusal(
        .failedPrecondition,
        "\(person) is \(absence.words) and time off beats everything (S8). It becomes possible for another span, with "
          + "somebody else, or when \(absence.id) is ended", field: field)
    }
  }

  /// Whoever isn't among the people speaks as an operator, for everybody: right for a key that may act for others, and wrong for
  /// one that acts in its own name only, of a machine or of somebody who has left. Such a one records what changed, in its own
  /// name, and nothing else.
  func decide(
    _ input: ScheduleInput, inOwnNameOf name: String, at now: Instant
  ) throws(Refusal) -> Decision<ScheduleFact, ScheduleAnswer> {
    if people[name] == nil {
      guard case .handoff(.record) = input else {
        throw Refusal(
          .permissionDenied,
          "nobody here is called \(name), and its key acts as \(name) only: a person's own key can do this, or one with the "
            + "role lead or admin", field: "by")
      }
    }
    return try decide(input, at: now)
  }

  /// An override or cover is the lead's or an admin's to make (S1, S7). Whoever isn't among the people is an operator.
  func mayArrange(_ by: String, in team: Team) throws(Refusal) {
    guard !isLead(by, of: team), people[by] != nil else { return }
    throw Refusal(
      .permissionDenied,
      "\(by) isn't a lead of team \(team.id) (S1): overrides and cover are made by \(team.lead.isEmpty ? "an admin" : team.lead) "
        + "or a manager; \(by) can ask for a swap", field: "by")
  }

  func isLead(_ person: String, of team: Team) -> Bool {
    guard person != team.lead, !team.managers.contains(person), !team.executives.contains(person) else { return true }
    return people[person].map { $0.team == team.id && [.teamLead, .engineeringManager, .vp, .cto].contains($0.role) }
      ?? false
  }

  /// Something about a person is theirs to say, or their lead's.
  func maySpeak(_ by: String, for person: String) throws(Refusal) {
    guard by != person, let speaker = people[by] else { return }
    let teams = boards.values.compactMap(\.team).filter { team in
      team.id == people[person]?.team || boards[team.id]?.involves(person, after: .unset) == true
    }
    guard !teams.contains(where: { isLead(speaker.id, of: $0) }) else { return }
    throw Refusal(
      .permissionDenied, "\(by) can't speak for \(person): \(person) can, or a lead of their team", field: "by")
  }
}
