import Addresses
import Bus
import Messages
import Testing

@testable import Hosting

/// What is recorded besides calls: attempts that were refused, and changes of the list of keys.
@Suite struct NotedTests {
  // MARK: Attempts

  @Test func tenAttemptsOfAKindHaveRecordsAndThenOneAMinute() {
    var attempts = RefusedAttempts()
    for _ in 1...10 { #expect(attempts.admit("eve ack", at: .zero) == 0) }
    for _ in 1...5 { #expect(attempts.admit("eve ack", at: .seconds(59)) == nil) }
    #expect(attempts.admit("ben ack", at: .seconds(59)) == 0, "nobody's attempts hide another's")
    #expect(attempts.admit("eve ack", at: .seconds(60)) == 5, "those that have none are counted")
    #expect(attempts.admit("eve ack", at: .seconds(61)) == nil)
    #expect(attempts.admit("eve ack", at: .seconds(121)) == 1)
  }

  @Test func whoInventsKindsWithoutEndFillsNothing() {
    var attempts = RefusedAttempts()
    let recorded = (0..<5_000).count { attempts.admit("kind \($0)", at: .zero) != nil }
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
