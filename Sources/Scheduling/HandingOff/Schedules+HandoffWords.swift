import Machinery
import Messages

/// What people tick, write, sign and accept at a handoff (requirements H1, H2).
extension Schedules {
  private static let editsAtMost = 300
  private static let feedbackAtMost = 20

  func tickHandoff(_ tick: HandoffTick, at now: Instant) throws(Refusal) -> Decision<ScheduleFact, ScheduleAnswer> {
    let handoff = try handoff(tick.team, at: tick.at, now: now)
    guard let item = record(of: handoff).items.first(where: { $0.id == tick.item }) else {
      throw .notFound("the checklists have no item \"\(tick.item)\": before-1 is the first", field: "item")
    }
    try text(tick.by, "by", 0...64)
    try maySay(tick.by, for: item.person, at: handoff, "tick \(item.id) (H1)")
    var tick = tick
    tick.at = handoff.at
    return decision([.handoffTicked(HandoffTicked(tick: tick, tickedAt: now))], at: now) { draft in
      .record(draft.schedules.record(of: handoff))
    }
  }

  /// A signed document is open again: what was signed isn't what stands there any more.
  func editHandoff(_ edit: HandoffEdit, at now: Instant) throws(Refusal) -> Decision<ScheduleFact, ScheduleAnswer> {
    let handoff = try handoff(edit.team, at: edit.at, now: now)
    try text(edit.text, "text", 0...1_000)
    try text(edit.by, "by", 0...64)
    try maySay(edit.by, for: handoff.outgoing, at: handoff, "edit the handoff document (H2)")
    var edit = edit
    edit.at = handoff.at
    let document = document(of: handoff, now: now)
    if edit.field.isEmpty { edit.field = edit.section.fields.count == 1 ? edit.section.fields[0] : "" }
    if edit.section == .knownIssues, edit.field.isEmpty { edit.field = "description" }
    guard edit.section.fields.contains(edit.field) else {
      throw .invalid("field", "must be one of: \(edit.section.fields.joined(separator: ", "))")
    }
    let kept = handoffs.kept(handoff.team.id, at: handoff.at)
    switch edit.section {
    case .summary: edit.entry = ""
    case .activeIssues: try check(edit.entry, in: document.activeIssues.map(\.incidentId))
    case .recurringProblems: try check(edit.entry, in: document.recurringProblems.map(\.entry))
    case .recentChanges: try check(edit.entry, in: document.recentChanges.map(\.id))
    case .knownIssues:
      try text(edit.entry, "entry", 1...100)
      if edit.field != "description" || edit.text.isEmpty {
        try check(edit.entry, in: document.knownIssues.map(\.title))
      }
    case .monitoringNotes, .recommendations:
      let numbers = kept.edits.filter { $0.section == edit.section }.map(\.entry)
      if edit.entry.isEmpty { edit.entry = "\(numbers.count + 1)" } else { try check(edit.entry, in: numbers) }
    case .unspecified: throw .invalid("section", "must be given")
    }
    guard kept.edits.count < Self.editsAtMost || kept.edits.contains(where: { $0.isSamePlace(as: edit) }) else {
      throw Refusal(.resourceExhausted, "a handoff has at most \(Self.editsAtMost) edits: change one of them")
    }
    return decision([.handoffEdited(HandoffEdited(edit: edit))], at: now) { draft in
      .document(draft.schedules.documentReply(of: handoff, now: now))
    }
  }

  /// The text stays as it is now, whatever happens afterwards.
  func signHandoff(_ signature: HandoffSignature, at now: Instant) throws(Refusal) -> Decision<
    ScheduleFact, ScheduleAnswer
  > {
    let handoff = try handoff(signature.team, at: signature.at, now: now)
    guard signature.by == handoff.outgoing || isLead(signature.by, of: handoff.team), people[signature.by] != nil else {
      throw refused(signature.by, "sign the handoff document (H2)", handoff.outgoing, orLeadOf: handoff)
    }
    guard handoff.from <= now else {
      throw Refusal(
        .failedPrecondition,
        "the shift begins \(handoff.from.short(in: handoff.zone)): its handoff is signed after that (H2)",
        field: "at_ms")
    }
    if let accepted = handoffs.kept(handoff.team.id, at: handoff.at).accepted {
      throw Refusal(
        .failedPrecondition,
        "\(accepted.signature?.by ?? "") accepted the handoff (H2): an edit opens it again, then it can be signed")
    }
    var signature = signature
    signature.at = handoff.at
    let signed = HandoffSigned(
      signature: signature, signedAt: now, document: composedDocument(of: handoff, now: now))
    return decision([.handoffSigned(signed)], at: now) { draft in .record(draft.schedules.record(of: handoff)) }
  }

  func acceptHandoff(
    _ signature: HandoffSignature, at now: Instant
  ) throws(Refusal) -> Decision<ScheduleFact, ScheduleAnswer> {
    let handoff = try handoff(signature.team, at: signature.at, now: now)
    guard signature.by == handoff.incoming, !signature.by.isEmpty else {
      throw Refusal(
        .permissionDenied,
        handoff.incoming.isEmpty
          ? "nobody takes over as primary (H2): whoever covers can accept"
          : "\(signature.by) can't accept the handoff (H2): \(handoff.incoming), who takes over, can", field: "by")
    }
    let kept = handoffs.kept(handoff.team.id, at: handoff.at)
    guard kept.signed != nil else {
      throw Refusal(
        .failedPrecondition,
        "the handoff document isn't signed (H2): \(signature.by) can accept it when "
          + "\(handoff.outgoing.isEmpty ? "a lead" : handoff.outgoing) has signed")
    }
    var signature = signature
    signature.at = handoff.at
    let facts: [ScheduleFact.Kind] =
      kept.accepted == nil ? [.handoffAccepted(HandoffAccepted(signature: signature, acceptedAt: now))] : []
    return decision(facts, at: now) { draft in .record(draft.schedules.record(of: handoff)) }
  }

  /// The words of whoever had the shift, kept as they are.
  func giveFeedback(
    _ feedback: HandoffFeedback, at now: Instant
  ) throws(Refusal) -> Decision<ScheduleFact, ScheduleAnswer> {
    let handoff = try handoff(feedback.team, at: feedback.at, now: now)
    try text(feedback.words, "words", 1...4_000)
    guard feedback.by == handoff.outgoing, !feedback.by.isEmpty else {
      let holder = handoff.outgoing.isEmpty ? "nobody" : handoff.outgoing
      throw Refusal(
        .permissionDenied, "\(feedback.by) can't give feedback on this shift (H2): \(holder) had it", field: "by")
    }
    guard handoff.at <= now else {
      throw Refusal(
        .failedPrecondition,
        "the shift ends \(handoff.at.short(in: handoff.zone)): feedback is given after that (H2)", field: "at_ms")
    }
    guard handoffs.kept(handoff.team.id, at: handoff.at).feedback.count < Self.feedbackAtMost else {
      throw Refusal(.resourceExhausted, "at most \(Self.feedbackAtMost) pieces of feedback on one shift")
    }
    var feedback = feedback
    (feedback.at, feedback.givenAt) = (handoff.at, now)
    return decision([.feedbackGiven(FeedbackGiven(feedback: feedback))], at: now) { draft in
      .report(draft.schedules.report(of: handoff, now: now))
    }
  }

  private func decision(
    _ kinds: [ScheduleFact.Kind], at now: Instant, answer: (ScheduleDraft) -> HandoffAnswer
  ) -> Decision<ScheduleFact, ScheduleAnswer> {
    var draft = ScheduleDraft(self, at: now)
    for kind in kinds { draft.add(kind) }
    return Decision(draft.facts, answer: .handoff(answer(draft)))
  }

  /// The person, a lead, or an operator.
  private func maySay(_ by: String, for person: String, at handoff: HandoffTurn, _ what: String) throws(Refusal) {
    guard by != person, people[by] != nil, !isLead(by, of: handoff.team) else { return }
    throw refused(by, what, person, orLeadOf: handoff)
  }

  private func refused(_ by: String, _ what: String, _ person: String, orLeadOf handoff: HandoffTurn) -> Refusal {
    let lead = "a lead of team \(handoff.team.id) can"
    return Refusal(
      .permissionDenied,
      "\(by.isEmpty ? "whoever isn't named" : by) can't \(what): \(person.isEmpty ? lead : "\(person) or \(lead)")",
      field: "by")
  }

  private func check(_ entry: String, in entries: [String]) throws(Refusal) {
    guard !entries.contains(entry) else { return }
    let known = entries.isEmpty ? "the section has none" : "there are \(entries.prefix(20).joined(separator: ", "))"
    throw .notFound("the section has no entry \"\(entry)\": \(known)", field: "entry")
  }
}

extension HandoffSection {
  /// What of an entry can be put in words.
  var fields: [String] {
    switch self {
    case .unspecified: []
    case .summary: ["health"]
    case .activeIssues: ["status", "impact", "next_steps", "owner"]
    case .recurringProblems: ["problem", "mitigation", "action_item"]
    case .knownIssues: ["description", "impact", "workaround", "action_item", "owner"]
    case .recentChanges: ["impact"]
    case .monitoringNotes, .recommendations: ["text"]
    }
  }
}
