import Machinery
import Messages

/// More people for an incident that somebody works on, and who commands it (requirements E5 to E7).
extension Escalations {
  /// Each new flag engages the tier that the incident's policy names for it, unless that tier, or one above it, is engaged.
  func raise(_ request: FlagsRequest, at now: Instant) throws(Refusal) -> Decision<EscalationFact, EscalationAnswer> {
    var draft = try openDraft(request.incidentId, by: request.by, at: now)
    let known = draft.flags
    guard !request.flags.isEmpty else { throw .invalid("flags", "say which: \(known.words)") }
    for (index, flag) in request.flags.enumerated() where !known.contains(where: { $0.flag == flag }) {
      throw .invalid("flags[\(index)]", "\"\(flag)\" is none of the policy's: \(known.words)")
    }
    let raised = draft.incident.record.flags
    let new = request.flags.distinct.filter { !raised.contains($0) }
    guard !new.isEmpty else { return answer(draft, "raised already; nobody is paged for it again") }
    draft.add(
      .flagsRaised(
        FlagsRaised(incidentId: draft.incident.id, by: request.by, flags: new, note: request.note)))
    let engaged = draft.incident.tier
    for tier in UInt32(2)...4 where tier > engaged {
      let reasons = new.filter { flag in known.contains { $0.flag == flag && $0.tier == tier } }
      guard !reasons.isEmpty else { continue }
      let reason = reasons.joined(separator: ", ") + (request.note.isEmpty ? "" : ": \(request.note)")
      draft.engage(tier, because: "\(reason) (flag raised by \(draft.name(request.by)))")
      draft.postEscalation(to: tier, reason: reason, currentStatus: "")
    }
    let wanted = new.compactMap { flag in known.first { $0.flag == flag }?.tier }.max() ?? engaged
    return answer(draft, wanted > engaged ? reached(draft, wanted) : "noted; tier \(engaged) is engaged already")
  }

  /// They are asked to acknowledge; whoever has the incident keeps it.
  func add(_ request: RespondersRequest, at now: Instant) throws(Refusal) -> Decision<EscalationFact, EscalationAnswer>
  {
    let people = request.people.distinct
    guard !people.isEmpty else { throw .invalid("people", "say who is needed") }
    guard people.count <= Self.respondersAtMost else {
      throw .invalid("people", "at most \(Self.respondersAtMost) at a time: escalate to a tier for more")
    }
    for person in people where !timelines.knows(person) {
      throw .notFound("no team knows a person \"\(person)\"", field: "people")
    }
    var draft = try openDraft(request.incidentId, by: request.by, at: now)
    let incident = draft.incident
    draft.add(
      .respondersAdded(
        RespondersAdded(incidentId: incident.id, by: request.by, people: people, message: request.message)))
    let message = request.message.isEmpty ? "" : ": \(request.message)"
    for person in people {
      draft.page(person, tier: incident.tier, .duty, because: "\(draft.name(request.by)) asks you to help\(message)")
    }
    let names = people.map(draft.name).joined(separator: ", ")
    draft.announce("\(draft.name(request.by)) asks for the help of \(names)\(message)")
    return answer(draft, "\(names): paged")
  }

  /// More than a tier ever has.
  static let respondersAtMost = 20

  func delegate(_ request: DelegationRequest, at now: Instant) throws(Refusal) -> Decision<
    EscalationFact, EscalationAnswer
  > {
    guard timelines.knows(request.to) else {
      throw .notFound("no team knows a person \"\(request.to)\"", field: "to")
    }
    var draft = try openDraft(request.incidentId, by: request.by, at: now)
    let incident = draft.incident
    guard incident.hasCommander else {
      throw Refusal(
        .failedPrecondition,
        "a \(incident.severity.words) has no commander (E7): its owner has it, and reassigning gives it to another")
    }
    let before = incident.commander
    guard before != request.to else { return answer(draft, "\(draft.name(request.to)) commands it already") }
    draft.add(.commandDelegated(CommandDelegated(incidentId: incident.id, by: request.by, to: request.to)))
    draft.page(
      request.to, tier: incident.tier, .tell, channels: Draft.tellChannels,
      because: "\(draft.name(request.by)) hands you the command")
    draft.announce("command: \(before.isEmpty ? "nobody" : draft.name(before)) -> \(draft.name(request.to))")
    return answer(draft, "\(draft.name(request.to)) commands it now")
  }
}

extension RunningIncident {
  /// SEV-1 and SEV-2 have an incident commander (E7).
  var hasCommander: Bool { severity == .sev1 || severity == .sev2 }
}

extension [FlagRule] {
  fileprivate var words: String { isEmpty ? "it has none" : map(\.flag).joined(separator: ", ") }
}
