import CivilTime
import Foundation
import Machinery
import Messages
import Notifying
import Testing
import Wire

@testable import Tiers

/// Requirement A2: what somebody changed stands in the row of the change, with who, from where, before and after.
@Suite struct RecordTests {
  private static let start = Instant(milliseconds: 1_795_000_000_000)
  private let silence = SilenceRequest(
    matchers: [Matcher(name: "service", value: "redis")], severities: [.sev2], by: "ana", reason: "failover test",
    untilAt: RecordTests.start + .hours(2))

  @Test func aSilenceIsRecordedWhenItBeginsAndWhenItEnds() throws {
    let intake = Recorded(Tier.intake())
    let added = try #require(try intake.tell(SilencesMethods.add, silence, as: .ana).first)
    #expect(added.principal == "ana" && added.by == "ana" && added.from == "10.0.0.7" && added.key == "a1b2c")
    #expect(added.method == "/tocsin.intake.v1.Silences/Add" && added.status == 0)
    #expect(added.what.hasPrefix("silences: add: "))
    #expect(added.changes.contains(AuditChange(name: "reason", after: "failover test")))
    #expect(added.changes.contains(AuditChange(name: "id", after: "silence-1")))
    let ending = SilenceEnding(id: "silence-1", by: "ana", reason: "done")
    let ended = try #require(try intake.tell(SilencesMethods.end, ending, as: .ana).first)
    #expect(ended.changes.contains(AuditChange(name: "ended because", after: "done")))
    #expect(!ended.changes.contains { $0.name == "reason" }, "what stayed is not told")
  }

  @Test func whoeverActsForSomebodyIsNamedBesideThem() throws {
    let intake = Recorded(Tier.intake())
    let record = try #require(try intake.tell(SilencesMethods.add, silence, as: .tara).first)
    #expect(record.principal == "tara" && record.by == "ana")
  }

  @Test func anAlertOfASourceIsItsOwnRecordAndAPersonsIsADeed() throws {
    let intake = Recorded(Tier.intake())
    let event = Event(action: .trigger, source: "prometheus", severity: .sev2, summary: "down", service: "redis")
    #expect(try intake.tell(IntakeMethods.publish, event, as: Principal("prometheus", roles: .source)).isEmpty)
    #expect(try intake.tell(IntakeMethods.publish, event, as: .anonymous).isEmpty)
    var own = event
    own.source = "ana"
    let record = try #require(try intake.tell(IntakeMethods.publish, own, as: .ana).first)
    #expect(record.principal == "ana" && record.what.contains("summary down"))
  }

  @Test func anAcknowledgementSaysFromWhatToWhat() throws {
    let escalator = Recorded(Tier.escalator(zones: TimeZones()))
    let alert = Alert(
      id: "2f-1", generation: 1, state: .open, source: "prometheus", severity: .sev2, summary: "down", service: "redis",
      team: "platform", policy: "platform", openedAt: escalator.now, count: 1, handedOverAt: escalator.now)
    #expect(try escalator.tell(EscalationMethods.putAlert, alert, as: .service).isEmpty, "it follows from something")
    let request = AcknowledgeRequest(incidentId: "2f-1", by: "ana")
    let record = try #require(try escalator.tell(EscalationMethods.acknowledge, request, as: .ana).first)
    #expect(record.what == "escalation: acknowledge: incident 2f-1: acknowledged; paging stops")
    #expect(record.changes.contains(AuditChange(name: "state", before: "triggered", after: "acknowledged")))
    #expect(record.changes.contains(AuditChange(name: "owner", after: "ana")))
    // What changes nothing has no record.
    #expect(try escalator.tell(EscalationMethods.acknowledge, request, as: .ana).isEmpty)
  }

  @Test func anAnswerToAPageIsItsPersonsDeed() throws {
    let escalator = Recorded(Tier.escalator(zones: TimeZones()))
    let alert = Alert(
      id: "2f-1", generation: 1, state: .open, source: "prometheus", severity: .sev2, summary: "down", service: "redis",
      team: "platform", policy: "platform", openedAt: escalator.now, count: 1, handedOverAt: escalator.now)
    try escalator.tell(EscalationMethods.putAlert, alert, as: .service)
    let answer = PageAnswer(
      id: "2f-1/ana/1!ack", pageId: "2f-1/ana/1", incidentId: "2f-1", person: "ana", deed: .acknowledge, channel: "sms")
    let record = try #require(try escalator.tell(EscalationMethods.answerPage, answer, as: .service).first)
    #expect(record.principal == "notifier" && record.by == "ana" && record.what.contains("channel sms"))
    #expect(record.changes.contains(AuditChange(name: "state", before: "triggered", after: "acknowledged")))
  }

  @Test func anAnswerToAPageThatIsRefusedIsNoDeed() throws {
    let escalator = Recorded(Tier.escalator(zones: TimeZones()))
    let alert = Alert(
      id: "2f-1", generation: 1, state: .open, source: "prometheus", severity: .sev2, summary: "down", service: "redis",
      team: "platform", policy: "platform", openedAt: escalator.now, count: 1, handedOverAt: escalator.now)
    try escalator.tell(EscalationMethods.putAlert, alert, as: .service)
    try escalator.tell(
      EscalationMethods.resolve, ResolveRequest(incidentId: "2f-1", by: "ana", note: "done"), as: .admin)
    let answer = PageAnswer(
      id: "2f-1/ana/1!ack", pageId: "2f-1/ana/1", incidentId: "2f-1", person: "ana", deed: .acknowledge, channel: "sms")
    let record = try #require(try escalator.tell(EscalationMethods.answerPage, answer, as: .service).last)
    #expect(record.by == "ana" && record.status == Status.failedPrecondition.rawValue, "\(record)")
  }

  @Test func aConfigurationIsToldByWhatItChanges() throws {
    let intake = Recorded(Tier.intake())
    var configuration = IntakeConfiguration(defaultTeam: "platform", defaultPolicy: "platform")
    try intake.tell(IntakeMethods.configure, configuration, as: .admin)
    configuration.defaultTeam = "data"
    let record = try #require(try intake.tell(IntakeMethods.configure, configuration, as: .admin).first)
    #expect(record.principal == "admin" && record.what == "intake: configure")
    #expect(record.changes.contains { $0.name == "configuration" && $0.after.contains("data") })
    configuration.dryRun = true
    configuration.defaultTeam = "web"
    #expect(try intake.tell(IntakeMethods.configure, configuration, as: .admin).isEmpty, "a dry run changes nothing")
  }

  /// Requirement N7.
  @Test func noRecordHoldsAnAddress() throws {
    let keys = ContactKeys(ContactKeyRing(), place: "memory", draw: { Array(repeating: 7, count: 32) }, write: { _ in })
    let notifier = Recorded(Tier.notifier(zones: TimeZones(), contactKeys: keys))
    let configuration = NotificationConfiguration(
      contacts: [
        Contact(person: "ana", methods: [ContactMethod(channel: "push", address: "https://ntfy.example/ana-secret")])
      ],
      channels: [ChannelRoute(channel: "push", provider: "console"), ChannelRoute(channel: "sms", provider: "console")])
    var records = try notifier.tell(NotificationMethods.configure, configuration, as: .admin)
    let request = PutContactMethodRequest(
      person: "ana", channel: "sms", address: "+49 160 7654321", by: "ana", salt: Array(repeating: 3, count: 16))
    records += try notifier.tell(ContactsMethods.putMethod, request, as: .ana)
    #expect(records.count == 2)
    let last = try #require(records.last)
    #expect(last.changes.contains { $0.name == "methods 2 channel" && $0.after == "sms" })
    for record in records {
      let bytes = Data(record.encoded())
      for part in ["7654321", "ana-secret", "…21"] { #expect(bytes.range(of: Data(part.utf8)) == nil, "\(part)") }
    }
  }

  /// Who has signed in is on record, and the code isn't.
  @Test func aSignInIsRecordedWithoutItsCode() throws {
    let notifier = Recorded(Tier.notifier)
    let configuration = NotificationConfiguration(
      contacts: [Contact(person: "ana", methods: [ContactMethod(channel: "push", address: "ana-phone")])],
      channels: [ChannelRoute(channel: "*", provider: "console")])
    try notifier.tell(NotificationMethods.configure, configuration, as: .admin)
    let pages = Principal("gateway", roles: .pages)
    let ask = String(repeating: "0f", count: 16)
    let request = SignInRequest(person: "ana", ask: ask, code: "12345678", link: "https://t.example/\(ask)/12345678")
    #expect(try notifier.tell(SignInsMethods.ask, request, as: pages).isEmpty)
    var records = try notifier.tell(SignInsMethods.enter, SignInEntry(ask: ask, code: "87654321"), as: pages)
    records += try notifier.tell(SignInsMethods.enter, SignInEntry(ask: ask, code: "12345678"), as: pages)
    records += try notifier.tell(SignInsMethods.signOut, SignOutRequest(by: "ana"), as: pages)
    #expect(
      records.map(\.what) == [
        "sign ins: enter: ask \(ask): nobody: a wrong code", "sign ins: enter: ask \(ask): ana, sessions of number 1",
        "sign ins: sign out: ana, sessions of number 2",
      ])
    #expect(records.last?.principal == "gateway" && records.last?.by == "ana")
    for record in records { #expect(!"\(record)".contains("12345678") && !"\(record)".contains("87654321")) }
  }

  /// Nobody who hasn't signed in fills the disk of what pages people.
  @Test func whatStrangersAskForNobodyLeavesNoRow() throws {
    let notifier = Recorded(Tier.notifier)
    let configuration = NotificationConfiguration(
      contacts: [Contact(person: "ana", methods: [ContactMethod(channel: "push", address: "ana-phone")])],
      channels: [ChannelRoute(channel: "*", provider: "console")])
    try notifier.tell(NotificationMethods.configure, configuration, as: .admin)
    func rows(_ input: SignInInput, _ number: UInt8) -> Int {
      let made = UInt64(notifier.now.milliseconds)
      let token =
        (0..<6).map { UInt8(truncatingIfNeeded: made >> (40 - 8 * UInt64($0))) } + [0x70]
        + Array(repeating: number, count: 9)
      let call = CallIdentity(
        principal: "gateway", token: .key(token), method: SignInsMethods.ask.path, payload: [number])
      notifier.engine.receive(.signIn(input), as: call, ticket: 0, at: notifier.now) { _ in [] }
      return notifier.engine.takeBatch().count
    }
    func ask(_ person: String, _ number: Int) -> SignInInput {
      .ask(SignInRequest(person: person, ask: String(repeating: "0\(number)", count: 16), code: "12345678"))
    }
    #expect(rows(ask("mallory", 1), 1) == 0 && rows(.enter(SignInEntry(ask: "0f", code: "12345678")), 2) == 0)
    for number in 2...6 { #expect(rows(ask("ana", number), UInt8(number + 1)) == 1) }
    #expect(rows(ask("ana", 7), 8) == 0, "beyond what is sent")
    #expect(rows(.enter(SignInEntry(ask: String(repeating: "02", count: 16), code: "00000000")), 9) == 1)
  }

  @Test func aRefusalIsRecordedWithItsReason() throws {
    let tier = Tier.intake()
    let record = tier.record(
      of: SilencesMethods.end.path, SilenceEnding(id: "silence-1", by: "tara").encoded(),
      by: Caller(principal: .ana, key: "a1b2c", from: "10.0.0.7"),
      refused: Refusal(.permissionDenied, "not yours", field: "by"))
    #expect(record.status == Status.permissionDenied.rawValue && record.principal == "ana" && record.by == "tara")
    #expect(record.what == "silences: end: id silence-1: not yours")
    let unread = tier.record(
      of: SilencesMethods.end.path, [0xff, 0xff], by: Caller(principal: .ana), refused: Refusal(.permissionDenied, "no")
    )
    #expect(unread.what == "silences: end: no")
  }

  /// Otherwise each start would tell of all keys as new.
  @Test func theListOfKeysSurvivesACheckpointAndARow() throws {
    let intake = Recorded(Tier.intake())
    let known = KeysKnown(lines: ["ana roles=lead", "ben roles=source"])
    intake.engine.keysChanged(to: known, AuditRecord(what: "the list of keys was changed"), at: intake.now)
    let rows = intake.engine.takeBatch()
    #expect(try AuditRecord(inRow: try #require(rows.first).body)?.what == "the list of keys was changed")
    let (replayed, restored) = (Recorded(Tier.intake()).engine, Recorded(Tier.intake()).engine)
    for row in rows { try replayed.replay(row.body, sequence: nil) }
    for entry in intake.engine.condensed(at: intake.now) {
      try restored.replay(restored.codec.encode(entry), sequence: nil)
    }
    #expect(replayed.keysKnown == known && restored.keysKnown == known)
  }

  @Test func everyMethodThatPeopleCallToChangeSomethingHasRecords() {
    func check<Rules>(_ tier: Tier<Rules>) {
      for (path, command) in tier.commands where command.needsKey && path != IntakeMethods.publish.path {
        guard path != HeartbeatsMethods.beat.path, path != SignInsMethods.ask.path else { continue }
        #expect(command.isAudited(.ana) && command.isAudited(.anonymous), "\(path)")
      }
    }
    check(Tier.intake())
    check(Tier.scheduler(zones: TimeZones()))
    check(Tier.escalator(zones: TimeZones()))
    check(Tier.notifier)
  }
}
