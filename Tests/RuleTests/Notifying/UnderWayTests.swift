import Machinery
import Messages
import Notifying
import Testing

/// A place at a provider's host is taken as long as that host is asked, and by that alone: whatever happens meanwhile gives it back
/// once, to whom it belongs.
@Suite struct UnderWayTests {
  /// At once at one host (`ProviderKind.underWayAtMost`).
  private static let places = 128

  /// Push and SMS go to one host, by providers that nobody can ask what they have, or by one that can be asked.
  private static func team(at host: String, by provider: String = "webhook") -> NotificationConfiguration {
    var configuration = NotificationConfiguration.team
    configuration.channels = [
      ChannelRoute(
        channel: "push", provider: provider, url: "https://\(host).example/pages",
        secretFile: provider == "webhook" ? "key" : ""),
      ChannelRoute(channel: "sms", provider: "webhook", url: "https://\(host).example/texts", secretFile: "key"),
    ]
    if provider == "ntfy" {
      configuration.contacts[0].methods[0].address = "ana-topic"
    }
    return configuration
  }

  /// Of a service of its own: it is not held.
  private static func page(_ number: Int, _ severity: Severity = .sev1, by channel: String = "push") -> Page {
    var page = Page.wanted("ana", id: "2f-\(number)", severity, channels: [channel])
    page.service = "service-\(number)"
    return page
  }

  private static func silent(_ configuration: NotificationConfiguration, pages count: Int) throws -> Notifier {
    var notifier = Notifier(configuration, answering: { _ in nil })
    for number in 0..<count { try notifier.page(page(number)) }
    return notifier
  }

  /// How many more begin where much more is due than may be under way.
  private static func room(_ notifier: Notifier, by channel: String = "push") throws -> Int {
    var probe = notifier
    probe.answering = { _ in nil }
    let before = probe.attempts.count
    for number in 10_000..<10_000 + places + 10 { try probe.page(page(number, by: channel)) }
    return probe.attempts.dropFirst(before).count { (Int($0.incidentId.dropFirst("2f-".count)) ?? 0) >= 10_000 }
  }

  /// Where another process is that has read the journal, or its checkpoint, and goes on with either.
  private static func heirs(of notifier: Notifier) -> [Notifier] {
    var byRows = notifier
    byRows.rules = notifier.facts.reduce(into: Notifications()) { $0.apply($1.fact, at: $1.at) }
    var byCheckpoint = notifier
    byCheckpoint.takeOver()
    return [byRows, byCheckpoint].map { heir in
      var heir = heir
      heir.answering = Notifier.taken
      heir.restart()
      heir.wait(.minutes(1))
      return heir
    }
  }

  private static func answerAll(_ notifier: inout Notifier, _ status: Status = .ok) {
    for case .attempt(let attempt) in notifier.rules.owed(to: .provider, limit: 1_000) {
      notifier.settle(attempt, status)
    }
  }

  // MARK: A restart

  @Test func aRestartGivesBackEveryPlace() throws {
    var notifier = try Self.silent(Self.team(at: "one"), pages: 200)
    #expect(notifier.attempts.count == Self.places)
    for heir in Self.heirs(of: notifier) {
      #expect(heir.attempts.count == Self.places + 200, "what was cut off goes once more")
      #expect(try Self.room(heir) == Self.places)
    }
    notifier.restart()
    #expect(notifier.attempts.count == 2 * Self.places, "and takes the place that it had")
    #expect(try Self.room(notifier) == 0)
  }

  @Test func rowsAndCheckpointsTakeThePlacesThatWereTaken() throws {
    let running = try Self.silent(Self.team(at: "one"), pages: 100)
    #expect(try Self.room(running) == Self.places - 100)
    var replayed = running
    replayed.rules = running.facts.reduce(into: Notifications()) { $0.apply($1.fact, at: $1.at) }
    #expect(try Self.room(replayed) == Self.places - 100)
    replayed.takeOver()
    #expect(try Self.room(replayed) == Self.places - 100)
    Self.answerAll(&replayed)
    #expect(try Self.room(replayed) == Self.places)
  }

  @Test func aDigestTakesOnePlaceHoweverManyPagesItTells() throws {
    var notifier = Notifier(Self.team(at: "one"), answering: { _ in nil })
    for number in 0..<30 {
      try notifier.page(.wanted("ana", id: "2f-\(number)", .sev2, channels: ["push"]))
    }
    notifier.wait(.minutes(1))
    #expect(notifier.attempts.contains { $0.count > 20 })
    let taken = notifier.attempts.count
    #expect(try Self.room(notifier) == Self.places - taken)
    for heir in Self.heirs(of: notifier) { #expect(try Self.room(heir) == Self.places) }
    notifier.takeOver()
    #expect(try Self.room(notifier) == Self.places - taken)
    Self.answerAll(&notifier)
    #expect(try Self.room(notifier) == Self.places)
  }

  // MARK: Another configuration

  @Test func whatIsUnderWayKeepsItsPlaceWhereItIsAndTakesNoneWhereItsRouteLeadsNow() throws {
    var notifier = try Self.silent(Self.team(at: "one"), pages: 200)
    let atOne = notifier.attempts
    try notifier.configure(Self.team(at: "two"))
    notifier.wait(.zero)
    #expect(notifier.attempts.dropFirst(Self.places).allSatisfy { $0.route.url.contains("two") })
    #expect(notifier.attempts.count == 200, "what waited goes where there is room")
    #expect(try Self.room(notifier) == Self.places - 72)
    for attempt in atOne { notifier.settle(attempt, .ok) }
    #expect(try Self.room(notifier) == Self.places - 72, "those were places of the other host")
    for heir in Self.heirs(of: notifier) { #expect(try Self.room(heir) == Self.places) }
    try notifier.configure(Self.team(at: "one"))
    #expect(try Self.room(notifier) == Self.places)
    Self.answerAll(&notifier)
    try notifier.configure(Self.team(at: "two"))
    #expect(try Self.room(notifier) == Self.places)
  }

  @Test func aHostThatIsFullIsFullWhenARouteLeadsThereAgain() throws {
    var notifier = try Self.silent(Self.team(at: "one"), pages: 128)
    try notifier.configure(Self.team(at: "two"))
    try notifier.configure(Self.team(at: "one"))
    #expect(try Self.room(notifier) == 0)
    #expect(try Self.room(notifier, by: "sms") == 0, "its other channels have no room either")
    Self.answerAll(&notifier)
    #expect(try Self.room(notifier, by: "sms") == Self.places)
  }

  @Test func aRestartGivesBackThePlacesOfAHostThatNoRouteLeadsToAnyMore() throws {
    var notifier = try Self.silent(Self.team(at: "one"), pages: 128)
    try notifier.configure(Self.team(at: "two"))
    for var heir in Self.heirs(of: notifier) {
      #expect(heir.attempts.suffix(128).allSatisfy { $0.route.url.contains("two") && $0.isRepeat })
      #expect(try Self.room(heir) == Self.places)
      try heir.configure(Self.team(at: "one"))
      #expect(try Self.room(heir) == Self.places)
    }
  }

  // MARK: Questions

  /// Push by a provider that took pages without an answer, and is asked whether it has them.
  private static func questions(_ count: Int) throws -> Notifier {
    var notifier = Notifier(
      team(at: "one", by: "ntfy"), answering: { $0.isRepeat ? nil : (.unknown, "cut off", nil) })
    notifier.telling = { _, _ in nil }
    for number in 0..<count { try notifier.page(page(number)) }
    return notifier
  }

  @Test func aQuestionThatIsNotWaitedForGivesItsPlaceToWhatIsSentAgain() throws {
    var notifier = try Self.questions(100)
    #expect(notifier.said.count { $0.contains("push?") } == 100)
    #expect(try Self.room(notifier, by: "sms") == Self.places - 100)
    try notifier.configure(Self.team(at: "two", by: "ntfy"))
    #expect(try Self.room(notifier, by: "sms") == Self.places)
    notifier.wait(.seconds(5))
    #expect(notifier.attempts.suffix(100).allSatisfy { $0.isRepeat && $0.route.url.contains("two") })
    #expect(try Self.room(notifier, by: "sms") == Self.places - 100)
    try notifier.configure(Self.team(at: "one", by: "ntfy"))
    #expect(try Self.room(notifier, by: "sms") == Self.places)
  }

  @Test func aQuestionAboutWhatIsWantedNoMoreGivesItsPlaceBackWhenItIsAnswered() throws {
    var notifier = try Self.questions(100)
    for number in 0..<100 { try notifier.cancel(Self.page(number)) }
    #expect(try Self.room(notifier, by: "sms") == Self.places - 100)
    for heir in Self.heirs(of: notifier) { #expect(try Self.room(heir, by: "sms") == Self.places - 100) }
    Self.answerAll(&notifier, .notFound)
    #expect(try Self.room(notifier, by: "sms") == Self.places)
  }

  @Test func aQuestionAboutWhatNobodyCanBeSentAnyMoreGivesItsPlaceBack() throws {
    var notifier = try Self.questions(100)
    let questions = notifier.rules.owed(to: .provider, limit: 1_000)
    var without = Self.team(at: "one", by: "ntfy")
    without.contacts[0].methods.removeAll { $0.channel == "push" }
    try notifier.configure(without)
    notifier.wait(.seconds(5))
    #expect(notifier.states.count { $0 == "push failed" } == 100)
    #expect(try Self.room(notifier, by: "sms") == Self.places)
    for case .attempt(let question) in questions { notifier.settle(question, .ok) }
    #expect(try Self.room(notifier, by: "sms") == Self.places)
  }

  @Test func questionsAboutMildPagesTakeNoPlaceOfTheWorst() throws {
    var notifier = Notifier(Self.team(at: "one", by: "ntfy"), answering: { _ in nil })
    notifier.telling = { _, attempt in attempt.key.generation & 0xff == 1 ? .init(.notFound, "not yet") : nil }
    for number in 0..<400 { try notifier.page(Self.page(number, .sev4)) }
    notifier.restart()
    // Asked once each, and then others have begun.
    #expect(notifier.said.count { $0.contains("push?") } == 112 && notifier.attempts.count == 224)
    notifier.wait(.seconds(3))
    try notifier.page(Self.page(400, .sev1))
    #expect(notifier.attempts.last?.incidentId == "2f-400")
  }

  @Test func aMildPageThatMayHaveArrivedIsAskedAboutBeforeOthersBegin() throws {
    var notifier = Notifier(Self.team(at: "one", by: "ntfy"), answering: { _ in nil })
    notifier.telling = { _, _ in .init(.ok, "it is there", id: "n1") }
    for number in 0..<400 { try notifier.page(Self.page(number, .sev3)) }
    notifier.restart()
    #expect(notifier.said.count { $0.contains("push?") } == 112)
    notifier.wait(.seconds(10))
    #expect(!notifier.attempts.contains { $0.isRepeat })
  }
}
