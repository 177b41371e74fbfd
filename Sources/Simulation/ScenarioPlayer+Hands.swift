import Messages
import Wire

/// What people do with an incident besides answering it (requirements E5 to E7).
///
///     > flag KEY PERSON FLAG[,FLAG] ["NOTE"]
///     > ask KEY PERSON HELPER[,HELPER] ["MESSAGE"]
///     > delegate KEY PERSON TO
///     > severity KEY PERSON SEV-3 "REASON"
///     > snooze KEY PERSON 2h "REASON"
///     > reopen KEY PERSON "REASON"
///     > merge KEY PERSON PART[,PART] "REASON"          the parts become part of KEY
extension ScenarioPlayer {
  func obeyHands(_ words: [String]) throws(Refusal) {
    func word(_ index: Int) -> String { index < words.count ? words[index] : "" }
    func list(_ index: Int) -> [String] { word(index).split(separator: ",").map(String.init) }
    let incident = id(word(1))
    switch word(0) {
    case "flag":
      let request = FlagsRequest(incidentId: incident, by: word(2), flags: list(3), note: word(4))
      try call(.escalator, EscalationMethods.raiseFlags, request, \.explanation)
    case "ask":
      let request = RespondersRequest(incidentId: incident, by: word(2), people: list(3), message: word(4))
      try call(.escalator, EscalationMethods.addResponders, request, \.explanation)
    case "delegate":
      let request = DelegationRequest(incidentId: incident, by: word(2), to: word(3))
      try call(.escalator, EscalationMethods.delegate, request, \.explanation)
    case "severity":
      let request = SeverityRequest(
        incidentId: incident, by: word(2), severity: Self.severity(word(3)), reason: word(4))
      try call(.escalator, EscalationMethods.setSeverity, request, \.explanation)
    case "snooze":
      let until = world.agenda.now + (try Self.span(word(3)))
      let request = SnoozeRequest(incidentId: incident, by: word(2), untilAt: until, reason: word(4))
      try call(.escalator, EscalationMethods.snooze, request, \.explanation)
    case "reopen":
      let request = ReopenRequest(incidentId: incident, by: word(2), reason: word(3))
      try call(.escalator, EscalationMethods.reopen, request, \.explanation)
    case "merge":
      let request = MergeRequest(incidentId: incident, by: word(2), parts: list(3).map { id($0) }, reason: word(4))
      try call(.escalator, EscalationMethods.merge, request, \.explanation)
    case "answer": try answer(words)
    case "review": try review(words)
    case "reviews": try reviews()
    default: try obeyIntake(words)
    }
  }
}
