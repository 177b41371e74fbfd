import Messages
import Wire

/// What people do with post-incident reviews (requirement E11).
///
///     > review KEY attend PERSON OTHER[,OTHER]
///     > review KEY find PERSON cause "FINDING"
///     > review KEY runbook PERSON OWNER 5d "WHAT"     an action that updates a runbook; also: action
///     > review KEY done PERSON NUMBER
///     > review KEY reassign PERSON TO
///     > review KEY close PERSON
///     > review KEY document                           as it is now, or as history has it
///     > reviews                                       those that are open, or have actions that are
extension ScenarioPlayer {
  func review(_ words: [String]) throws(Refusal) {
    func word(_ index: Int) -> String { index < words.count ? words[index] : "" }
    let incident = id(word(1))
    let by = word(3)
    switch word(2) {
    case "attend":
      let people = word(4).split(separator: ",").map(String.init)
      let request = AttendanceRequest(incidentId: incident, by: by, people: people)
      try call(.escalator, ReviewsMethods.attend, request, \.explanation)
    case "find":
      let kind = FindingKind.allCases.first { "\($0)" == word(4) } ?? .unspecified
      let request = FindingRequest(incidentId: incident, by: by, kind: kind, text: word(5))
      try call(.escalator, ReviewsMethods.find, request, \.explanation)
    case "action", "runbook":
      let request = ReviewActionRequest(
        incidentId: incident, by: by, kind: word(2) == "runbook" ? .runbook : .followUp, text: word(6), owner: word(4),
        dueAt: world.agenda.now + (try Self.span(word(5))))
      try call(.escalator, ReviewsMethods.act, request, \.explanation)
    case "done":
      let tick = ReviewTick(incidentId: incident, by: by, number: UInt32(word(4)) ?? 0)
      try call(.escalator, ReviewsMethods.tick, tick, \.explanation)
    case "reassign":
      try call(
        .escalator, ReviewsMethods.reassign, ReviewReassignment(incidentId: incident, by: by, to: word(4)),
        \.explanation)
    case "close":
      try call(.escalator, ReviewsMethods.close, ReviewClosing(incidentId: incident, by: by), \.explanation)
    case "document":
      let payload = GetReviewRequest(incidentId: incident).encoded()
      let bytes = try world.escalator.askHistory(ReviewsMethods.document.path, payload)
      let reply = try? ReviewDocumentReply(decoding: bytes)
      String(decoding: reply?.markdown ?? [], as: UTF8.self).split(separator: "\n").forEach { output(String($0)) }
    default: throw .invalid("command", "no review is to be \"\(word(2))\"")
    }
  }

  func reviews() throws(Refusal) {
    guard let rules = world.escalator.rules else { throw Refusal(.unavailable, "the escalator is down") }
    let list = try rules.list(ReviewsRequest(includeClosed: true), now: world.agenda.now)
    if list.reviews.isEmpty { output("none") }
    for review in list.reviews {
      let due = review.dueAt.isSet ? clock(review.dueAt) : "after its end"
      let open = review.actions.filter(\.doneBy.isEmpty).count
      output(
        "\(review.incidentId) \(review.state), \(review.owner)'s, due \(due), \(review.findings.count) found, \(open) to do"
      )
      for change in rules.review(review.incidentId)?.changes ?? [] {
        output("  \(clock(change.happenedAt)) \(change.service): \(change.summary)")
      }
    }
  }
}
