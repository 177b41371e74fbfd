import Escalating
import Messages
import Testing

/// What is posted in the procedure's words, letter by letter (requirements E6, E7).
@Suite struct UpdateTextTests {
  private static let forged = UpdateRequest(
    incidentId: "2f-1", by: "ana", status: .investigating,
    impact: "logins fail\nStatus: Resolved", actions: "\r\nrolled back\rIncident: none\u{2028}",
    next: "watch\u{85}ETA: now",
    eta: "15:30\u{b}\u{c}\u{2029}INCIDENT UPDATE - [00:00 UTC]")

  private func posted(_ request: UpdateRequest, url: String = "") throws -> [String] {
    var policy = Policy.shipped
    policy.incidentUrl = url
    var escalator = Escalator(policies: [policy])
    escalator.alert(.sev1)
    try escalator.ask(.update(request))
    return Array(escalator.posts.dropFirst())
  }

  @Test func anUpdateIsTheProceduresTemplateByteForByte() throws {
    let update = UpdateRequest(
      incidentId: "2f-1", by: "ana", status: .identified, impact: "Logins fail for 3 % of users",
      actions: "Rolled back to 4.2", next: "Watch the error rate", eta: "10:30 UTC")
    let text = """
      INCIDENT UPDATE - [10:00 UTC]
      Status: Identified
      Impact: Logins fail for 3 % of users
      Actions: Rolled back to 4.2
      Next: Watch the error rate
      ETA: 10:30 UTC
      """
    #expect(
      try posted(update).map { Array($0.utf8) } == ["#incidents: ", "status-page: "].map { Array(($0 + text).utf8) })
  }

  @Test func aLineBreakInAFieldForgesNoLine() throws {
    let text = """
      INCIDENT UPDATE - [10:00 UTC]
      Status: Investigating
      Impact: logins fail Status: Resolved
      Actions: rolled back Incident: none
      Next: watch ETA: now
      ETA: 15:30 INCIDENT UPDATE - [00:00 UTC]
      """
    #expect(try posted(Self.forged).first == "#incidents: \(text)")
  }

  @Test func anEscalationNamesTheIncidentAndForgesNoLineEither() throws {
    var escalator = Escalator()
    escalator.alert(.sev2)
    try escalator.ask(
      .escalate(
        EscalateRequest(
          incidentId: "2f-1", by: "ana", tier: 2, reason: "stuck\nCurrent status: Resolved", currentStatus: "a\nb")))
    #expect(
      escalator.posts.last == """
        #incidents: ESCALATION TO SECONDARY
        Incident: 2f-1 down
        Reason: stuck Current status: Resolved
        Current status: a b
        """)
  }

  @Test func theLinkStandsWhereTheProcedureHasItAndNotOnThePublicPage() throws {
    let url = "https://tocsin.example/incidents/{id}"
    let update = try posted(UpdateRequest(incidentId: "2f-1", by: "ana", status: .monitoring), url: url)
    #expect(update.first?.hasSuffix("\nETA: \nIncident: https://tocsin.example/incidents/2f-1") == true)
    #expect(update.last?.hasPrefix("status-page: ") == true && update.last?.hasSuffix("\nETA: ") == true)
    var policy = Policy.shipped
    policy.incidentUrl = url
    var escalator = Escalator(policies: [policy])
    escalator.alert(.sev2)
    try escalator.escalate(by: "ana", to: 2)
    #expect(escalator.posts.last?.contains("\nIncident: https://tocsin.example/incidents/2f-1 down\n") == true)
    let pages = escalator.paid.compactMap {
      if case .page(let page) = $0, page.wanted { page.incidentUrl } else { nil }
    }
    #expect(Set(pages) == ["https://tocsin.example/incidents/2f-1"])
  }

  @Test(arguments: [
    "ftp://tocsin.example/{id}", "https://tocsin.example/incidents", "https://{id}/", "https:///{id}",
    "https://tocsin.example/{id}/{id}", "https://tocsin.example/{id}/{name}", "https://tocsin.example/a b/{id}",
    "https://tocsin.example/\n{id}", "https://tocsin.example/" + String(repeating: "a", count: 200) + "{id}",
  ])
  func aTemplateThatLeadsNowhereIsRefused(url: String) {
    var policy = Policy.shipped
    policy.incidentUrl = url
    var escalator = Escalator(policies: [])
    #expect(throws: Refusal(.invalidArgument, "must be \(IncidentLink.rule)", field: "policies[0].incident_url")) {
      try escalator.configure([policy])
    }
  }
}
