import Machinery
import Messages

/// What people do with the review of an incident (requirement E11). The procedure: "preserve evidence (for post-incident review)",
/// "learn and improve (update runbooks)". Any person whom a team knows may: reviews are blameless, and nobody's alone.
extension Escalations {
  static let attendedAtMost = 50
  static let findingsAtMost = 50
  static let actionsAtMost = 50
  private static let findingBytes = 2_000
  private static let actionBytes = 500
  private static let longestAction = Span.days(366)

  func review(_ input: ReviewInput, at now: Instant) throws(Refusal) -> Decision<EscalationFact, EscalationAnswer> {
    switch input {
    case .attend(let request): try attend(request, at: now)
    case .find(let request): try find(request, at: now)
    case .act(let request): try act(request, at: now)
    case .tick(let request): try tick(request, at: now)
    case .reassign(let request): try reassign(request, at: now)
    case .close(let request): try close(request, at: now)
    }
  }

  private func attend(
    _ request: AttendanceRequest, at now: Instant
  ) throws(Refusal) -> Decision<EscalationFact, EscalationAnswer> {
    let held = try openReview(of: request.incidentId, by: request.by)
    let review = held.review
    guard !request.people.isEmpty else { throw .invalid("people", "say who was there") }
    guard request.heldAt <= now else { throw .invalid("held_at_ms", "it has taken place when it is recorded") }
    guard !request.heldAt.isSet || request.heldAt >= review.beganAt else {
      throw .invalid("held_at_ms", "is before the incident, which opened \(Self.moment(review.beganAt))")
    }
    for (index, person) in request.people.enumerated() {
      if request.absent {
        guard !review.attended.contains(person) else { continue }
        throw .notFound("\(person) is not among those who attended", field: "people[\(index)]")
      }
      try know(person, "people[\(index)]")
    }
    let people = request.absent ? review.attended.count : (review.attended + request.people).distinct.count
    guard people <= Self.attendedAtMost else {
      throw .invalid("people", "at most \(Self.attendedAtMost) people attended a review")
    }
    let heldAt = request.heldAt.isSet ? request.heldAt : review.heldAt.isSet ? review.heldAt : now
    let fact = ReviewAttended(
      incidentId: held.id, by: request.by, people: request.people.distinct, heldAt: heldAt, absent: request.absent)
    return decision(held, [.reviewAttended(fact)], at: now) { after in
      after.attended.isEmpty ? "nobody attended: it is to be held" : "\(after.attended.count) attended"
    }
  }

  private func find(
    _ request: FindingRequest, at now: Instant
  ) throws(Refusal) -> Decision<EscalationFact, EscalationAnswer> {
    let held = try openReview(of: request.incidentId, by: request.by)
    try check(request.text, "text", isNew: request.number == 0, atMost: Self.findingBytes)
    let known = held.review.findings.first { $0.number == request.number }
    guard request.number == 0 || known != nil else {
      throw .notFound("the review of \(held.id) has no finding \(request.number)", field: "number")
    }
    guard known != nil || held.review.findings.count < Self.findingsAtMost else {
      throw Refusal(
        .resourceExhausted, "a review has at most \(Self.findingsAtMost) findings: change one of them", field: "number")
    }
    let number = request.number == 0 ? held.findingsMade + 1 : request.number
    let finding = Finding(
      number: number, kind: request.kind == .unspecified ? known?.kind ?? .unspecified : request.kind,
      text: request.text, by: request.by, at: now)
    return decision(held, [.reviewFound(ReviewFound(incidentId: held.id, finding: finding))], at: now) { _ in
      finding.text.isEmpty ? "finding \(number) is taken back" : "finding \(number)"
    }
  }

  private func act(
    _ request: ReviewActionRequest, at now: Instant
  ) throws(Refusal) -> Decision<EscalationFact, EscalationAnswer> {
    let held = try openReview(of: request.incidentId, by: request.by)
    try check(request.text, "text", isNew: request.number == 0, atMost: Self.actionBytes)
    let known = held.review.actions.first { $0.number == request.number }
    guard request.number == 0 || known != nil else {
      throw .notFound("the review of \(held.id) has no action \(request.number)", field: "number")
    }
    guard known != nil || held.review.actions.count < Self.actionsAtMost else {
      throw Refusal(
        .resourceExhausted, "a review has at most \(Self.actionsAtMost) actions: change one of them", field: "number")
    }
    var action = known ?? ReviewAction(number: held.actionsMade + 1, kind: .followUp, by: request.by)
    action.text = request.text
    guard !request.text.isEmpty else {
      return decision(held, [.reviewActionSet(ReviewActionSet(incidentId: held.id, action: action))], at: now) { _ in
        "action \(action.number) is taken back"
      }
    }
    if request.kind != .unspecified { action.kind = request.kind }
    action.owner = request.owner.isEmpty ? known?.owner ?? held.review.owner : request.owner
    guard !action.owner.isEmpty else { throw .invalid("owner", "say who does it: nobody owns the review") }
    try know(action.owner, "owner")
    guard request.dueAt.isSet else { throw .invalid("due_at_ms", "say by when it is done") }
    guard request.dueAt > now || request.dueAt == known?.dueAt, request.dueAt <= now + Self.longestAction else {
      throw .invalid("due_at_ms", "must be in the future, and within 366 days")
    }
    action.dueAt = request.dueAt
    return decision(held, [.reviewActionSet(ReviewActionSet(incidentId: held.id, action: action))], at: now) { _ in
      "action \(action.number), for \(timelines.name(of: action.owner, in: held.review.team))"
    }
  }

  private func tick(
    _ request: ReviewTick, at now: Instant
  ) throws(Refusal) -> Decision<EscalationFact, EscalationAnswer> {
    let held = try review(of: request.incidentId, by: request.by)
    guard let action = held.review.actions.first(where: { $0.number == request.number }) else {
      throw .notFound("the review of \(held.id) has no action \(request.number)", field: "number")
    }
    guard action.isOpen == !request.undo else {
      return decision(held, [], at: now) { _ in
        action.isOpen
          ? "action \(action.number) is to be done"
          : "action \(action.number) was done by \(action.doneBy) \(Self.moment(action.doneAt))"
      }
    }
    let tick = ReviewTicked(incidentId: held.id, by: request.by, number: request.number, undo: request.undo)
    return decision(held, [.reviewTicked(tick)], at: now) { _ in
      "action \(action.number) is \(request.undo ? "to be done again" : "done")"
    }
  }

  private func reassign(
    _ request: ReviewReassignment, at now: Instant
  ) throws(Refusal) -> Decision<EscalationFact, EscalationAnswer> {
    let held = try openReview(of: request.incidentId, by: request.by)
    guard !request.to.isEmpty else { throw .invalid("to", "say who gets it") }
    try know(request.to, "to")
    guard request.to != held.review.owner else { return decision(held, [], at: now) { "is \($0.owner)'s already" } }
    let fact = ReviewReassigned(incidentId: held.id, by: request.by, to: request.to)
    return decision(held, [.reviewReassigned(fact)], at: now) { "is \($0.owner)'s now" }
  }

  private func close(
    _ request: ReviewClosing, at now: Instant
  ) throws(Refusal) -> Decision<EscalationFact, EscalationAnswer> {
    let held = try review(of: request.incidentId, by: request.by)
    let review = held.review
    guard !held.isClosed else {
      return decision(held, [], at: now) { "was closed by \($0.closedBy) \(Self.moment($0.closedAt))" }
    }
    guard !held.waits else {
      throw Refusal(
        .failedPrecondition, "incident \(held.id) is open again: its review is closed after its end",
        field: "incident_id")
    }
    let missing = [
      review.attended.isEmpty ? "nobody's attendance is recorded" : "",
      review.findings.isEmpty ? "it has no finding" : "",
    ].filter { !$0.isEmpty }
    guard missing.isEmpty else {
      throw Refusal(
        .failedPrecondition, "the review of \(held.id) can't be closed: \(missing.joined(separator: ", and "))",
        field: "incident_id")
    }
    return decision(held, [.reviewClosed(ReviewClosed(incidentId: held.id, by: request.by))], at: now) { after in
      let open = after.actions.filter(\.isOpen).count
      return "closed" + (open == 0 ? "" : open == 1 ? "; 1 action is to be done" : "; \(open) actions are to be done")
    }
  }

  // MARK: -

  private func decision(
    _ held: HeldReview, _ kinds: [EscalationFact.Kind], at now: Instant, _ words: (Review) -> String
  ) -> Decision<EscalationFact, EscalationAnswer> {
    var after = held
    for kind in kinds { after.remember(kind, at: now) }
    let facts = kinds.map { EscalationFact(kind: $0) } + leave(after)
    return Decision(
      facts,
      answer: .review(ReviewReply(review: after.review, explanation: "review of \(held.id): \(words(after.review))"))
    )
  }

  /// One of which nothing more can come is left to history; as long as its incident is here that may be reopened.
  func leave(_ held: HeldReview, with incident: String = "") -> [EscalationFact] {
    guard held.isDone, incident == held.id || incidents[held.id] == nil else { return [] }
    return [EscalationFact(kind: .reviewLeft(ReviewLeft(incidentId: held.id, last: held.review)))]
  }

  private func openReview(of asked: String, by person: String) throws(Refusal) -> HeldReview {
    let held = try review(of: asked, by: person)
    guard !held.isClosed else {
      throw Refusal(
        .failedPrecondition,
        "the review of \(held.id) was closed by \(held.review.closedBy) \(Self.moment(held.review.closedAt))",
        field: "incident_id")
    }
    return held
  }

  /// Of the incident, or of the one that it is part of.
  private func review(of asked: String, by person: String) throws(Refusal) -> HeldReview {
    guard !asked.isEmpty else { throw .invalid("incident_id", "say which incident's review you mean") }
    guard !person.isEmpty else { throw .invalid("by", "say who you are") }
    try know(person, "by")
    let id = members.whole(of: asked)
    guard let held = reviews[id] else { throw noReview(of: id) }
    return held
  }

  func noReview(of id: String) -> Refusal {
    guard let incident = incidents[id] else {
      return .notFound("no open review of an incident \"\(id)\" (closed ones are in history)", field: "incident_id")
    }
    let words =
      if !incident.isGrave {
        "was never a SEV-1 or SEV-2: it gets no review"
      } else if incident.isOpen {
        "is open: its review begins when it is over"
      } else if incident.isOwnLossThatNobodyTook, members.count(in: id) == 0 {
        "was a tier's loss that ended before anybody acknowledged it: it gets no review"
      } else if !incident.hasPaged {
        "was over before anybody was paged: it gets no review"
      } else {
        "ended before reviews were kept: it has none"
      }
    return Refusal(.failedPrecondition, "incident \(id) \(words)", field: "incident_id")
  }

  private func know(_ person: String, _ field: String) throws(Refusal) {
    guard timelines.isEmpty ? person.utf8.count <= 64 : timelines.knows(person) else {
      throw .notFound("no team knows a person \"\(person)\"", field: field)
    }
  }

  private func check(_ text: String, _ field: String, isNew: Bool, atMost bytes: Int) throws(Refusal) {
    guard !isNew || !text.isEmpty else { throw .invalid(field, "must not be empty") }
    guard text.utf8.count <= bytes else {
      throw .invalid(field, "has \(text.utf8.count) bytes; at most \(bytes) are kept")
    }
  }

  static func moment(_ instant: Instant) -> String { "\(TimeText.date(instant)) \(TimeText.clock(instant))" }
}

extension RunningIncident {
  /// The gravest that it had in its life.
  var gravest: Severity { record.gravest.isWorse(than: severity) ? record.gravest : severity }

  /// One that was called milder was as bad as that all the same, or its review says why not.
  var isGrave: Bool { gravest == .sev1 || gravest == .sev2 }

  /// A tier of the cluster was lost and came back by itself: a restart, perhaps.
  var isOwnLossThatNobodyTook: Bool { id.hasPrefix(Escalations.lostPrefix) && !acknowledgedAt.isSet && !wasReopened }

  /// What it and all that was merged into it are about.
  var services: [String] { (opened.service.isEmpty ? [] : [opened.service]) + record.services }
}
