import Machinery
import Messages
import Scheduling

extension Tier where Rules == Schedules {
  /// Swaps, overrides, absences, training, work, comp days and lists. What stands nowhere by itself, such as a period that is
  /// closed, is told by what was asked.
  static let schedulerStanding: @Sendable (Rules, Rules.Input, Rules.Answer, Instant) -> Standing? = {
    rules, input, answer, now in
    switch answer {
    case .configured(let reply): return Standing(reply)
    case .overridden(let reply): return Standing(rules.override(reply.overrideId), words: reply.overrideId)
    case .trained(let reply):
      return Standing(rules.eligibility(of: reply.eligibility?.person ?? "", at: now))
    case .shadowed(let reply): return Standing(rules.shadow(reply.shadow?.id ?? ""))
    case .absent(let reply): return Standing(rules.absence(reply.absence?.id ?? ""))
    case .swapped(let reply): return Standing(rules.swap(reply.swap?.id ?? ""))
    case .pay(let answer): return standing(rules, answer)
    case .handoff(.record(let record)):
      return Standing(try? rules.showHandoff(HandoffRequest(team: record.team, at: record.at), now: now))
    case .readiness(.record(let record)):
      let request = ReadinessRequest(team: record.team, at: record.fromAt, person: record.person)
      return Standing(try? rules.showReadiness(request, now: now))
    case .handoff, .readiness: return nil
    case .done: return standing(rules, ofWhatEnds: input)
    }
  }

  private static func standing(_ rules: Rules, _ answer: PayAnswer) -> Standing? {
    switch answer {
    case .work(let reply): Standing(reply.item?.key.flatMap { rules.workItem($0) })
    case .compDay(let reply): Standing(rules.compDay(reply.day?.id ?? ""))
    case .approved, .report: nil
    }
  }

  /// Of what is taken back nothing is answered.
  private static func standing(_ rules: Rules, ofWhatEnds input: Rules.Input) -> Standing? {
    switch input {
    case .inOwnName(let input, _): standing(rules, ofWhatEnds: input)
    case .removeOverride(let removal): Standing(rules.override(removal.overrideId))
    case .removeShadow(let removal): Standing(rules.shadow(removal.shadowId))
    case .endAbsence(let end): Standing(rules.absence(end.absenceId))
    default: nil
    }
  }
}
