import Alerting
import Machinery
import Messages
import Testing

/// Requirement I7: silences and maintenance windows.
@Suite struct SilenceTests {
  private func window(
    _ matchers: [Matcher] = [Matcher(name: "service", value: "web")], _ severities: [Severity] = [],
    from: Span = .zero, until: Span = .hours(1)
  ) -> SilenceRequest {
    SilenceRequest(
      matchers: matchers, severities: severities, by: "ana", reason: "an upgrade",
      fromAt: from == .zero ? .unset : Intake.start + from, untilAt: Intake.start + until)
  }

  @Test func whatMatchesIsKeptAndCountedAndPagesWhenTheSilenceIsOver() throws {
    var intake = Intake()
    let silence = try intake.silence(window())
    let opened = try intake.publish(.trigger("down", .sev2, service: "web"))
    #expect(opened.disposition == .opened && opened.silencedBy == silence)
    #expect(
      try intake.publish(.trigger("down", .sev2, service: "web"))
        == PublishReply(alertId: opened.alertId, disposition: .counted, count: 2, silencedBy: silence))
    try intake.publish(.trigger("other", .sev2, service: "db"))
    intake.handOver()
    #expect(intake.handedOver.map(\.dedupKey) == ["other"])
    #expect(intake.rules.debtSummary(to: .escalator).count == 0)
    #expect(intake.rules.list(SilencesRequest()).silences.map(\.alerts) == [1])
    intake.wait(.hours(1) - .milliseconds(1))
    intake.handOver()
    #expect(intake.handedOver.count == 1)
    intake.wait(.milliseconds(1))
    intake.handOver()
    let alert = try #require(intake.handedOver.last)
    #expect(alert.id == opened.alertId && alert.state == .open && alert.count == 2 && alert.silencedBy.isEmpty)
    #expect(alert.openedAt == Intake.start + .hours(1), "its clocks begin now")
    #expect(intake.rules.list(SilencesRequest()).silences == [])
    #expect(intake.rules.list(SilencesRequest(includeEnded: true)).silences.map { $0.silence?.endedBy } == [""])
  }

  @Test func aSEV1IsSilencedOnlyWhereItWasNamed() throws {
    var intake = Intake()
    try intake.silence(window())
    #expect(try intake.publish(.trigger("one", .sev1, service: "web")).silencedBy.isEmpty)
    #expect(!(try intake.publish(.trigger("two", .sev4, service: "web")).silencedBy.isEmpty))
    try intake.silence(window([Matcher(name: "service", value: "web")], [.sev1]))
    #expect(try intake.publish(.trigger("three", .sev1, service: "web")).silencedBy == "silence-2")
    #expect(try intake.publish(.trigger("four", .sev2, service: "web")).silencedBy == "silence-1")
  }

  @Test func whatBecomesWorseThanItsSilenceCoversIsHandedOverAtOnce() throws {
    var intake = Intake()
    try intake.silence(window())
    try intake.publish(.trigger("down", .sev3, service: "web"))
    #expect(!(try intake.publish(.trigger("down", .sev2, service: "web")).silencedBy.isEmpty))
    intake.handOver()
    #expect(intake.handedOver.isEmpty)
    intake.now = intake.now + .minutes(5)
    #expect(try intake.publish(.trigger("down", .sev1, service: "web")).silencedBy.isEmpty)
    intake.handOver()
    #expect(intake.handedOver.map(\.severity) == [.sev1])
    #expect(intake.handedOver.map(\.openedAt) == [Intake.start + .minutes(5)])
    intake.wait(.hours(2))
    intake.handOver()
    #expect(intake.handedOver.count == 1)
  }

  @Test func whatIsResolvedUnderASilenceNeverWasAnybodysBusiness() throws {
    var intake = Intake()
    try intake.silence(window())
    let id = try intake.publish(.trigger("down", .sev2, service: "web")).alertId
    #expect(try intake.publish(.resolve("down")).disposition == .closed)
    #expect(intake.rules.alert(id) == nil && intake.rules.openCount == 0)
    #expect(intake.rules.list(SilencesRequest()).silences.map(\.alerts) == [0])
    intake.wait(.hours(2))
    intake.handOver()
    #expect(intake.handedOver.isEmpty)
    #expect(try intake.publish(.trigger("down", .sev2, service: "web")).disposition == .opened)
  }

  @Test func whatIsAcknowledgedUnderASilenceIsHandedOverAsAcknowledged() throws {
    var intake = Intake()
    try intake.silence(window())
    try intake.publish(.trigger("down", .sev2, service: "web"))
    try intake.publish(.acknowledge("down"))
    intake.wait(.hours(1))
    intake.handOver()
    #expect(intake.handedOver.map(\.state) == [.acknowledged])
  }

  @Test func whatPagedBeforeItBeganGoesOn() throws {
    var intake = Intake()
    try intake.silence(window(from: .minutes(10)))
    try intake.publish(.trigger("early", .sev2, service: "web"))
    intake.wait(.minutes(10))
    try intake.publish(.trigger("late", .sev2, service: "web"))
    try intake.publish(.trigger("early", .sev1, service: "web"))
    intake.handOver()
    #expect(intake.handedOver.map(\.dedupKey) == ["early"])
  }

  @Test func theNextSilenceTakesOverFromOneThatIsOver() throws {
    var intake = Intake()
    try intake.silence(window())
    try intake.silence(window([Matcher(name: "source", value: "prom*")], until: .hours(2)))
    try intake.publish(.trigger("down", .sev2, service: "web"))
    intake.wait(.hours(1))
    intake.handOver()
    #expect(intake.handedOver.isEmpty)
    #expect(try intake.list().alerts.map(\.silencedBy) == ["silence-2"])
    intake.wait(.hours(1))
    intake.handOver()
    #expect(intake.handedOver.map(\.openedAt) == [Intake.start + .hours(2)])
  }

  @Test func oneThatIsEndedByHandPagesWhatStillFires() throws {
    var intake = Intake()
    let silence = try intake.silence(window())
    for number in 1...1_000 { try intake.publish(.trigger("\(number)", .sev3, service: "web")) }
    #expect(try intake.endSilence(silence) == 1_000)
    intake.handOver()
    #expect(intake.handedOver.count == 1_000)
    #expect(throws: Refusal(.failedPrecondition, "silence-1 is over already")) { try intake.endSilence(silence) }
    #expect(throws: Refusal.notFound("there is no silence \"silence-9\"", field: "id")) {
      try intake.endSilence("silence-9")
    }
  }

  @Test func matchersSayWhatAnAlertIsOrIsNot() throws {
    func isSilenced(_ matchers: Matcher...) throws -> Bool {
      var intake = Intake()
      var event = Event.trigger(
        "down", .sev2, service: "web",
        labels: [Label(name: "pod", value: "web-7-canary"), Label(name: "dc", value: "eu")])
      event.alertClass = "high_latency"
      try intake.silence(window(matchers))
      return !(try intake.publish(event).silencedBy.isEmpty)
    }
    #expect(try isSilenced(Matcher(name: "class", value: "high_latency")))
    #expect(try isSilenced(Matcher(name: "pod", value: "web-*"), Matcher(name: "dc", value: "eu")))
    #expect(try isSilenced(Matcher(name: "pod", value: "*-*-can*y")))
    #expect(!(try isSilenced(Matcher(name: "pod", value: "web-*"), Matcher(name: "dc", value: "us"))))
    #expect(!(try isSilenced(Matcher(name: "pod", value: "web"))))
    #expect(!(try isSilenced(Matcher(name: "pod", value: "web-7-canary*y"))))
    #expect(
      !(try isSilenced(
        Matcher(name: "source", value: "prometheus"), Matcher(name: "pod", value: "*canary", negated: true))))
    #expect(
      try isSilenced(Matcher(name: "source", value: "prometheus"), Matcher(name: "rack", value: "", negated: false)))
  }

  @Test func eachRuleOfARequestIsNamedWhenItIsBroken() throws {
    func field(_ change: (inout SilenceRequest) -> Void) -> String {
      var request = window()
      change(&request)
      var intake = Intake()
      do throws(Refusal) {
        try intake.silence(request)
        return ""
      } catch { return error.field }
    }
    #expect(field { $0.matchers = [] } == "matchers")
    #expect(field { $0.matchers = Array(repeating: $0.matchers[0], count: 17) } == "matchers")
    #expect(field { $0.matchers = [Matcher(name: "service", value: "*")] } == "matchers")
    #expect(field { $0.matchers = [Matcher(name: "service", value: "web", negated: true)] } == "matchers")
    #expect(field { $0.matchers[0].name = "" } == "matchers[0].name")
    #expect(field { $0.severities = [.unspecified] } == "severities[0]")
    #expect(field { $0.by = "" } == "by")
    #expect(field { $0.reason = "" } == "reason")
    #expect(field { $0.reason = String(repeating: "x", count: 1_025) } == "reason")
    #expect(field { $0.untilAt = .unset } == "until_at_ms")
    #expect(field { $0.untilAt = Intake.start } == "until_at_ms")
    #expect(field { $0.untilAt = Intake.start + .days(32) } == "until_at_ms")
    #expect(field { $0.fromAt = Intake.start + .days(400) } == "from_at_ms")
    #expect(field { $0.fromAt = Intake.start - .days(40) } == "", "what has passed is now")
  }

  @Test func thereIsACeiling() throws {
    var intake = Intake()
    for _ in 1...1_000 { try intake.silence(window()) }
    #expect(throws: Refusal(.resourceExhausted, "there are 1000 silences: end some first")) {
      try intake.silence(window())
    }
  }

  @Test func afterLostRowsNothingIsQuiet() throws {
    var intake = Intake()
    try intake.silence(window())
    try intake.publish(.trigger("down", .sev2, service: "web"))
    intake.rules.skipNumbers(over: .zero)
    intake.handOver()
    #expect(intake.handedOver.map(\.generation) == [1_001], "the escalator may have it from a row that is lost")
    #expect(try intake.silence(window()) == "silence-1002")
  }

  @Test func aSilenceEndsWhenTheClockOnTheWallSaysSo() throws {
    var intake = Intake()
    try intake.silence(window())
    try intake.publish(.trigger("down", .sev2, service: "web"))
    intake.stepClock(by: .minutes(59))
    intake.wait(.minutes(1))
    intake.handOver()
    #expect(intake.handedOver.count == 1)
  }
}
