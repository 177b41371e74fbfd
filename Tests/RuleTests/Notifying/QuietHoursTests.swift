import CivilTime
import Machinery
import Messages
import Notifying
import Testing

/// Quiet hours let wait what can wait, and nothing else (requirement N1).
@Suite struct QuietHoursTests {
  /// Midnight to seven, where it is 03:00 at the notifier's start (UTC).
  private static func night(_ hours: [QuietHours] = [.init(untilMinute: 420)]) -> NotificationConfiguration {
    var team = NotificationConfiguration.team
    team.contacts[0].quietHours = hours
    return team
  }

  private static func said(
    _ severity: Severity, _ purpose: PagePurpose = .duty, _ hours: [QuietHours] = [.init(untilMinute: 420)],
    channels: [String] = []
  ) throws -> [String] {
    var notifier = Notifier(night(hours))
    var page = Page.wanted("ana", severity, purpose)
    page.channels = channels
    try notifier.page(page)
    notifier.wait(.hours(30))
    return notifier.said
  }

  @Test(arguments: [Severity.sev1, .sev2]) func whatMustBeHeardIs(_ severity: Severity) throws {
    let ladder = ["03:00:00 push -> ana", "03:02:00 sms -> ana", "03:05:00 voice -> ana"]
    #expect(try Self.said(severity) == ladder)
    #expect(try Self.said(severity, .reminder).count == 5)
    #expect(try Self.said(severity, .headsUp) == ["03:00:00 push -> ana"])
  }

  @Test(arguments: [Severity.sev3, .sev4]) func whatCanWaitDoesAndKeepsItsDistances(_ severity: Severity) throws {
    let ladder = ["07:00:00 push -> ana", "07:02:00 sms -> ana", "07:05:00 voice -> ana"]
    #expect(try Self.said(severity) == ladder)
    #expect(
      try Self.said(severity, .duty, channels: ["push", "slack"]) == ["07:00:00 push -> ana", "07:00:00 slack -> ana"])
    #expect(try Self.said(severity, .tell) == ["07:00:00 push -> ana"])
  }

  /// Somebody waits for it.
  @Test func aTestDoesNotWait() throws {
    #expect(try Self.said(.sev4, .test, channels: ["voice"]) == ["03:00:00 voice -> ana"])
  }

  @Test func theLedgerSaysWhy() throws {
    var notifier = Notifier(Self.night())
    try notifier.page(.wanted("ana", .sev3))
    #expect(notifier.deliveries().map(\.remark).allSatisfy { $0 == "waits for the end of quiet hours" })
    #expect(notifier.states == ["push planned", "sms planned", "voice planned"])
  }

  /// They end at seven by the clock on the wall, which somebody has put right meanwhile; what was never held keeps its distance.
  @Test(arguments: [
    (Span.hours(2), "07:00:00 push -> ana", "07:02:00 sms -> ana"),
    (.zero - .minutes(30), "07:00:00 push -> ana", "07:02:00 sms -> ana"),
    (.hours(4), "07:10:00 push -> ana", "07:10:00 sms -> ana"),
    (.zero - .hours(4), "23:10:00 push -> ana", "23:10:00 sms -> ana"),
  ])
  func theirEndFollowsTheWallClock(step: Span, first: String, second: String) throws {
    var notifier = Notifier(Self.night())
    try notifier.page(.wanted("ana", .sev3))
    notifier.wait(.minutes(10))
    notifier.now = notifier.now + step
    notifier.rules.clockStepped(by: step)
    notifier.wait(.hours(9))
    #expect(notifier.said.prefix(2) == [first, second])
  }

  @Test func aClockThatIsPutRightBetweenTwoRungsKeepsTheirDistance() throws {
    var notifier = Notifier(Self.night())
    try notifier.page(.wanted("ana", .sev3))
    notifier.wait(.hours(4) + .minutes(1))
    #expect(notifier.said == ["07:00:00 push -> ana"])
    notifier.now = notifier.now + .minutes(20)
    notifier.rules.clockStepped(by: .minutes(20))
    notifier.wait(.hours(1))
    #expect(notifier.said.dropFirst() == ["07:22:00 sms -> ana", "07:25:00 voice -> ana"])
  }

  @Test func aClockThatJumpsIntoTheNightLetsWait() throws {
    var notifier = Notifier(Self.night([.init(fromMinute: 300, untilMinute: 420)]))
    try notifier.page(.wanted("ana", .sev3))
    notifier.wait(.minutes(1))
    notifier.now = notifier.now + .hours(2)
    notifier.rules.clockStepped(by: .hours(2))
    notifier.wait(.hours(3))
    #expect(notifier.said == ["03:00:00 push -> ana", "07:00:00 sms -> ana", "07:03:00 voice -> ana"])
  }

  @Test func anAnswerInTheNightCancelsIt() throws {
    var notifier = Notifier(Self.night())
    let page = Page.wanted("ana", .sev3)
    try notifier.page(page)
    notifier.wait(.hours(1))
    try notifier.cancel(page)
    notifier.wait(.hours(10))
    #expect(notifier.said.isEmpty)
  }

  private static func page(
    _ number: Int, _ severity: Severity, _ service: String, at now: Instant
  ) -> Page {
    var page = Page.wanted("ana", id: "2f-\(number)", severity, channels: ["push"], at: now)
    page.service = service
    return page
  }

  /// Each is of another service, and none is news by itself any more.
  @Test func whatTheNightHeldIsOneMessageInTheMorning() throws {
    var notifier = Notifier(Self.night())
    for number in 1...20 { try notifier.page(Self.page(number, .sev3, "service-\(number)", at: notifier.now)) }
    notifier.wait(.hours(4))
    #expect(notifier.said == ["07:00:00 push -> ana"] && notifier.attempts.map(\.count) == [20])
    notifier.wait(.minutes(10))
    for number in 21...27 { try notifier.page(Self.page(number, .sev3, "service-1", at: notifier.now)) }
    #expect(notifier.attempts.count == 6, "she heard of this service at seven: five slots, and two are held")
  }

  /// While a storm of another service has all the slots.
  @Test func whatIsHeldMakesNothingElseLessNew() throws {
    var notifier = Notifier(Self.night())
    try notifier.page(Self.page(1, .sev3, "redis", at: notifier.now))
    for number in 2...9 { try notifier.page(Self.page(number, .sev2, "kafka", at: notifier.now)) }
    #expect(notifier.attempts.count == 6)
    try notifier.page(Self.page(10, .sev2, "redis", at: notifier.now))
    #expect(notifier.attempts.last?.incidentId == "2f-10" && notifier.attempts.count == 7)
  }

  /// It was mild, and became worse while its page waited for the morning.
  @Test func whatBecomesWorseIsHeardAtOnce() throws {
    var notifier = Notifier(Self.night())
    var page = Page.wanted("ana", .sev3)
    try notifier.page(page)
    notifier.wait(.hours(1))
    (page.generation, page.severity) = (2, .sev1)
    try notifier.page(page)
    notifier.wait(.hours(10))
    #expect(notifier.said == ["04:00:00 push -> ana", "04:02:00 sms -> ana", "04:05:00 voice -> ana"])
  }

  @Test func aLadderThatRunsIntoThemGoesOnBehindThem() throws {
    let hours = [QuietHours(fromMinute: 181, untilMinute: 420)]
    #expect(
      try Self.said(.sev3, .duty, hours) == ["03:00:00 push -> ana", "07:00:00 sms -> ana", "07:03:00 voice -> ana"])
  }

  /// 2026-11-24 is a Tuesday. Hours count by the day on which they begin.
  @Test(arguments: [
    ([QuietHours(fromMinute: 1_320, untilMinute: 420)], "07:00:00"),
    ([QuietHours(fromMinute: 1_320, untilMinute: 420, weekdays: [1])], "07:00:00"),
    ([QuietHours(fromMinute: 1_320, untilMinute: 420, weekdays: [2])], "03:00:00"),
    ([QuietHours(fromMinute: 0, untilMinute: 240, weekdays: [2])], "04:00:00"),
    ([QuietHours(fromMinute: 0, untilMinute: 180)], "03:00:00"),
    ([QuietHours(fromMinute: 180, untilMinute: 181)], "03:01:00"),
    ([QuietHours(fromMinute: 0, untilMinute: 300), QuietHours(fromMinute: 240, untilMinute: 480)], "08:00:00"),
    ([QuietHours(fromMinute: 0, untilMinute: 720), QuietHours(fromMinute: 720, untilMinute: 1_440)], "03:00:00"),
    // 03:00 UTC is 11:00 in Singapore and 22:00 the day before in New York.
    ([QuietHours(fromMinute: 600, untilMinute: 720, timeZone: "Asia/Singapore")], "04:00:00"),
    ([QuietHours(fromMinute: 1_320, untilMinute: 420, timeZone: "America/New_York")], "12:00:00"),
  ]) func theyEndWhenTheyEnd(_ hours: [QuietHours], _ first: String) throws {
    var rules = Notifications(zones: SystemZones.all)
    var team = NotificationConfiguration.team
    team.contacts[0].quietHours = hours
    rules.apply(.init(kind: .configured(team)), at: Notifier.start)
    let decision = try rules.decide(.putPage(.wanted("ana", .sev3)), at: Notifier.start)
    guard case .pageTaken(let taken)? = decision.facts.first?.kind else {
      Issue.record("no page was taken")
      return
    }
    #expect(taken.deliveries.first.map { Notifier.clock($0.dueAt) } == first)
    // However many of them join, a page comes within a day.
    #expect(taken.deliveries.allSatisfy { $0.dueAt <= Notifier.start + .hours(24) + .minutes(5) })
  }

  /// On the night in which clocks in Berlin go back (2026-10-25), seven is an hour further away.
  @Test func theNightOfAClockChangeEndsAtSevenToo() throws {
    var rules = Notifications(zones: SystemZones.all)
    var team = NotificationConfiguration.team
    team.contacts[0].quietHours = [QuietHours(fromMinute: 1_320, untilMinute: 420, timeZone: "Europe/Berlin")]
    let evening = Instant(milliseconds: 1_792_875_600_000)  // 2026-10-24 21:00 UTC, 23:00 in Berlin
    rules.apply(.init(kind: .configured(team)), at: evening)
    let decision = try rules.decide(.putPage(.wanted("ana", .sev3, at: evening)), at: evening)
    guard case .pageTaken(let taken)? = decision.facts.first?.kind else {
      Issue.record("no page was taken")
      return
    }
    #expect(taken.deliveries.first?.dueAt == evening + .hours(9))
  }
}
