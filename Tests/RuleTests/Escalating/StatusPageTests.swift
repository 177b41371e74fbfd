import Escalating
import Machinery
import Messages
import Testing

/// What the public is told of incidents (requirement N6).
@Suite struct StatusPageTests {
  private func words(_ escalator: Escalator) -> [String] {
    escalator.rules.statusPage(StatusPageRequest(), at: escalator.now).notices.map { notice in
      let updates = notice.updates.map { "\($0.status) \($0.impact)" }
      return (updates + [notice.endedAt.isSet ? "ended \(Escalator.clock(notice.endedAt))" : "goes on"])
        .joined(separator: ", ")
    }
  }

  private func update(
    _ escalator: inout Escalator, _ status: UpdateStatus, _ impact: String, _ id: String = "2f-1"
  ) throws {
    try escalator.ask(
      .update(
        UpdateRequest(
          incidentId: id, by: "ana", status: status, impact: impact, actions: "restarting", next: "10:30", eta: "soon"))
    )
  }

  @Test func onlyWhatIsWrittenForTheStatusPageIsShownAndWithNobodysName() throws {
    var escalator = Escalator()
    escalator.alert(.sev1)
    escalator.alert(.sev2, "2f-2")
    #expect(words(escalator) == [], "an alert is nobody's business")
    try escalator.acknowledge(by: "ana")
    try update(&escalator, .investigating, "internal", "2f-2")
    #expect(words(escalator) == [], "SEV-2 updates go to #incidents alone")
    try update(&escalator, .investigating, "Checkout is slow")
    try update(&escalator, .identified, "Checkout is slow in Europe")
    #expect(words(escalator) == ["investigating Checkout is slow, identified Checkout is slow in Europe, goes on"])
    let shown = escalator.rules.statusPage(StatusPageRequest(), at: escalator.now)
    let text = "\(shown)"
    for secret in ["ana", "2f-1", "redis", "down", "platform", "alertmanager"] {
      #expect(!text.contains(secret), "\(secret) is in \(text)")
    }
    #expect(shown.notices[0].updates[0].eta == "soon" && shown.notices[0].updates[0].next == "10:30")
  }

  @Test func whoeverEndsItItEndsThereTooAndWhatFiresAgainGoesOn() throws {
    var escalator = Escalator()
    escalator.alert(.sev1)
    try update(&escalator, .investigating, "Checkout fails")
    escalator.wait(.minutes(5))
    try escalator.resolve(by: "ana")
    #expect(words(escalator) == ["investigating Checkout fails, ended 11-25 10:05:00"])
    try escalator.ask(.reopen(ReopenRequest(incidentId: "2f-1", by: "ana", reason: "it fails again")))
    #expect(words(escalator) == ["investigating Checkout fails, goes on"])
    try update(&escalator, .resolved, "Checkout works")
    #expect(words(escalator) == ["investigating Checkout fails, resolved Checkout works, ended 11-25 10:05:00"])
  }

  @Test func whatIsMergedIsOneOutageToThePublic() throws {
    var escalator = Escalator()
    escalator.alert(.sev1)
    escalator.alert(.sev1, "2f-2", service: "web")
    try update(&escalator, .investigating, "Checkout fails")
    escalator.wait(.minutes(1))
    try update(&escalator, .investigating, "Search fails", "2f-2")
    escalator.wait(.minutes(1))
    try escalator.ask(
      .merge(MergeRequest(incidentId: "2f-2", by: "ana", parts: ["2f-1"], reason: "one disk")))
    #expect(words(escalator) == ["investigating Checkout fails, investigating Search fails, goes on"])
    try escalator.resolve(by: "ana", "2f-2")
    #expect(words(escalator) == ["investigating Checkout fails, investigating Search fails, ended 11-25 10:02:00"])
  }

  @Test func aCheckpointRemembersItAndAfterTwoWeeksItIsGone() throws {
    var escalator = Escalator(timelines: [.platform()])
    escalator.alert(.sev1)
    try update(&escalator, .investigating, "Checkout fails")
    #expect(escalator.restored == escalator.rules)
    try escalator.resolve(by: "ana")
    escalator.wait(.days(13))
    #expect(words(escalator).count == 1, "long after the incident itself was forgotten")
    #expect(escalator.restored == escalator.rules)
    escalator.wait(.days(2))
    #expect(words(escalator) == [])
  }

  @Test func theNewestComeFirstAndNoTwoHaveOneId() throws {
    var escalator = Escalator()
    for number in 1...3 {
      escalator.alert(.sev1, "2f-\(number)", service: "s\(number)")
      try update(&escalator, .investigating, "number \(number)", "2f-\(number)")
    }
    let notices = escalator.rules.statusPage(StatusPageRequest(), at: escalator.now).notices
    #expect(notices.map { $0.updates[0].impact } == ["number 3", "number 2", "number 1"])
    #expect(Set(notices.map(\.id)).count == 3)
  }

  @Test func whatIsKeptIsBounded() throws {
    var escalator = Escalator()
    escalator.alert(.sev1)
    try escalator.acknowledge(by: "ana")
    for number in 0..<60 { try update(&escalator, .monitoring, "number \(number)") }
    let updates = escalator.rules.statusPage(StatusPageRequest(), at: escalator.now).notices[0].updates
    #expect(updates.count == 40 && updates[0].impact == "number 0" && updates[39].impact == "number 59")
    for number in 2...120 {
      escalator.alert(.sev1, "2f-\(number)", service: "s\(number)")
      try update(&escalator, .investigating, String(repeating: "ä", count: 4_000), "2f-\(number)")
      try escalator.resolve(by: "ana", "2f-\(number)")
    }
    for _ in 0..<40 {
      try update(&escalator, .investigating, String(repeating: "x", count: 4_000))
    }
    let shown = escalator.rules.statusPage(StatusPageRequest(), at: escalator.now).notices
    let bytes = shown.flatMap(\.updates).reduce(0) { $0 + $1.impact.utf8.count }
    #expect(bytes <= 256 * 1_024 && bytes > 60 * 1_024, "\(bytes) bytes of \(shown.count) notices")
    #expect(shown.contains { $0.updates.last?.impact == String(repeating: "x", count: 1_000) }, "what goes on stays")
  }
}
