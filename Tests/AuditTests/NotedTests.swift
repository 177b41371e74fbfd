import Addresses
import Bus
import Messages
import Testing

@testable import Hosting

/// What is recorded besides calls: attempts that were refused, and changes of the list of keys.
@Suite struct NotedTests {
  // MARK: Attempts

  private let eve = RefusedAttempts.Kind(principal: "eve", method: "/ack")

  @Test func tenAttemptsOfAKindHaveRecordsAndThenOneAMinute() {
    var attempts = RefusedAttempts()
    for _ in 1...10 { #expect(attempts.admit(eve, at: .zero) == 0) }
    for _ in 1...5 { #expect(attempts.admit(eve, at: .seconds(59)) == nil) }
    #expect(attempts.admit(.init(principal: "ben"), at: .seconds(59)) == 0, "nobody's attempts hide another's")
    #expect(attempts.admit(eve, at: .seconds(60)) == 5, "those that have none are counted")
    #expect(attempts.admit(eve, at: .seconds(61)) == nil)
    #expect(attempts.admit(eve, at: .seconds(121)) == 1)
  }

  /// One step for all that came since a door was asked last: a flood of a second is no second's work.
  @Test func manyAtOnceAreNotedAsIfEachHadComeByItself() throws {
    let most: UInt64 = 1 << 40
    var attempts = RefusedAttempts()
    #expect(attempts.admit(most, eve, at: .zero) == Array(repeating: 0, count: RefusedAttempts.atOnce))
    #expect(attempts.admit(eve, at: .seconds(60)) == most - UInt64(RefusedAttempts.atOnce))
    // In any mixture, with a disk that is full now and then.
    var (together, apart) = (RefusedAttempts(), RefusedAttempts())
    for (second, count) in [(0, 3), (1, 0), (2, 9), (30, 4), (63, 1), (64, 7), (200, 2), (400, 12)] as [(Int64, UInt64)]
    {
      let (now, hasRoom) = (Span.seconds(second), second != 200)
      let each = (0..<count).compactMap { _ in apart.admit(eve, at: now, hasRoom: hasRoom) }
      #expect(together.admit(count, eve, at: now, hasRoom: hasRoom) == each, "at \(second) s")
    }
    let end = Span.seconds(401)
    let left = [together.takeUncounted(at: end, atEnd: true), apart.takeUncounted(at: end, atEnd: true)]
    #expect(left[0] == left[1] && left[0].map(\.alike) == [10])
  }

  /// Of whom tries for a second and never again, the count would else be in memory only.
  @Test func whatNoLaterRecordCountsHasOneWhenItIsOver() throws {
    var attempts = RefusedAttempts()
    for _ in 1...15 { _ = attempts.admit(eve, at: .zero) }
    #expect(attempts.takeUncounted(at: .seconds(119)).isEmpty, "the next attempt would tell of them")
    let record = try #require(attempts.takeUncounted(at: .seconds(120)).first)
    #expect(record.principal == "eve" && record.method == "/ack" && record.alike == 4)
    #expect(record.what == "5 more refused, without records of their own")
    #expect(record.status == Status.permissionDenied.rawValue)
    #expect(attempts.takeUncounted(at: .seconds(121)).isEmpty, "they are counted once")
    #expect(attempts.admit(eve, at: .seconds(122)) == 0)
  }

  @Test func aProcessThatEndsLeavesNothingUncounted() {
    var attempts = RefusedAttempts()
    for _ in 1...12 { _ = attempts.admit(eve, at: .zero) }
    for _ in 1...11 { _ = attempts.admit(.init(key: "a1b2c", from: "10.0.0.1"), at: .zero) }
    let records = attempts.takeUncounted(at: .zero, atEnd: true)
    #expect(Set(records.map(\.alike)) == [1, 0])
    #expect(records.contains { $0.key == "a1b2c" && $0.status == Status.unauthenticated.rawValue })
  }

  @Test func whatADiskHasNoRoomForIsCountedUntilItHas() throws {
    var attempts = RefusedAttempts()
    for _ in 1...3 { #expect(attempts.admit(eve, at: .zero, hasRoom: false) == nil) }
    #expect(attempts.admit(eve, at: .seconds(1)) == 3)
    #expect(attempts.admit(eve, at: .seconds(2), hasRoom: false) == nil)
    #expect(attempts.takeUncounted(at: .zero, atEnd: true).map(\.alike) == [0])
  }

  /// A hundred tries of one stranger are not hidden behind another's, and each is counted.
  @Test func whoeverIsTurnedAwayIsCountedByReasonPrincipalAndAddress() throws {
    var attempts = RefusedAttempts(kindsAtMost: 3)
    func tried(_ times: Int, _ kind: RefusedAttempts.Kind) -> UInt64 {
      (0..<times).reduce(0) { sum, _ in sum + (attempts.admit(kind, at: .zero).map { $0 + 1 } ?? 0) }
    }
    let kinds = [("", "127.0.0.2", "unknown"), ("", "127.0.0.3", "unknown"), ("ana", "127.0.0.3", "revoked")]
      .map { RefusedAttempts.Kind(principal: $0.0, from: $0.1, reason: $0.2) }
    var sum = kinds.reduce(0) { $0 + tried(30, $1) }
    #expect(sum == 30)
    let others = (4...8).map { RefusedAttempts.Kind(from: "127.0.0.\($0)", reason: "unknown") }
    sum += others.reduce(0) { $0 + tried(30, $1) }
    let late = attempts.takeUncounted(at: .minutes(2))
    #expect(late.reduce(sum) { $0 + $1.alike + 1 } == 90 + 150)
    #expect(
      Set(late.map(\.from)) == ["127.0.0.2", "127.0.0.3", ""] && late.filter { $0.principal == "ana" }.count == 1)
    let ana = try #require(late.first { $0.principal == "ana" })
    #expect(ana.what == "20 more turned away (revoked), without records of their own")
    #expect(ana.status == Status.unauthenticated.rawValue)
  }

  @Test func kindsThatAreQuietMakeRoomForOthers() {
    var attempts = RefusedAttempts()
    for number in 0..<5_000 { _ = attempts.admit(.init(principal: "\(number)"), at: .zero) }
    #expect(attempts.count == RefusedAttempts.kindsAtMost + 1)
    #expect(
      attempts.takeUncounted(at: .minutes(2)).map(\.what) == [
        "of many kinds: 3990 more refused, without records of their own"
      ])
    #expect(attempts.takeUncounted(at: .minutes(10)).isEmpty && attempts.count == 0)
    #expect(attempts.admit(eve, at: .minutes(11)) == 0)
  }

  @Test func whoInventsKindsWithoutEndFillsNothing() {
    var attempts = RefusedAttempts()
    let recorded = (0..<5_000).count { attempts.admit(.init(principal: "\($0)"), at: .zero) != nil }
    #expect(recorded == RefusedAttempts.kindsAtMost + RefusedAttempts.atOnce)
  }

  // MARK: Keys

  private let first = try! KeyPair.make().publicKey
  private let second = try! KeyPair.make().publicKey
  private let since = Instant(milliseconds: 1_795_000_000_000)

  private func store(_ keys: AuthorizedKey...) throws -> KeyStore {
    try KeyStore(text: keys.map { "\($0.line)\n" }.joined(), path: "test")
  }

  @Test func aListIsToldOfByWhatIsDifferent() throws {
    let ana = AuthorizedKey("ana", roles: .responder, key: first, from: since, until: since + .days(90))
    let before = KeyListChanges.lines(try store(ana))
    var revoked = ana
    revoked.revokedAt = since + .hours(1)
    let ben = AuthorizedKey(
      "ben", roles: .source, key: second, from: since, addresses: [try #require(IPNetwork("10.0.0.0/8"))])
    let record = try #require(KeyListChanges.record(from: before, to: try store(revoked, ben)))
    #expect(record.what == "the list of keys was changed: 1 added, 1 changed")
    #expect(record.changes.map(\.name) == ["key \(first.short)… of ana", "key \(second.short)… of ben"])
    #expect(!record.changes[0].before.contains("revoked") && record.changes[0].after.contains("revoked 20"))
    #expect(record.changes[1].before.isEmpty && record.changes[1].after.contains("roles source"))
    #expect(record.changes[1].after.contains("only from 10.0.0.0/8"))
    let gone = try #require(
      KeyListChanges.record(from: KeyListChanges.lines(try store(revoked, ben)), to: try store(ben)))
    #expect(gone.what == "the list of keys was changed: 1 taken off" && gone.changes[0].after.isEmpty)
  }

  @Test func aListThatSaysTheSameIsNoNewsButTheFirstIs() throws {
    let store = try store(AuthorizedKey("ana", roles: .lead, key: first, from: since))
    #expect(KeyListChanges.record(from: KeyListChanges.lines(store), to: store) == nil)
    #expect(
      KeyListChanges.record(from: nil, to: store)?.what == "the list of keys is in force for the first time: 1 added")
  }
}
