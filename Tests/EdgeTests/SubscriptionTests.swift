import CivilTime
import Messages
import Testing

@testable import Subscribing

/// Which calendar addresses were given out: only the digests of their secrets are kept (requirement S12).
@Suite struct SubscriptionTests {
  private static let made = Instant(rfc3339: "2026-11-30T09:00:00Z") ?? .unset

  @Test func aSecretIsKnownAgainAndStandsNowhere() throws {
    var all = Subscriptions()
    let ana = try all.add(person: "ana", team: "", at: Self.made)
    let team = try all.add(person: "", team: "platform", at: Self.made)
    #expect(ana != team && ana.count >= 32)
    let read = try Subscriptions(all.text)
    #expect(read.subscription(by: ana)?.whose == "ana")
    #expect(read.subscription(by: team)?.whose == "platform")
    #expect(read.subscription(by: ana.dropLast()) == nil && read.subscription(by: "") == nil)
    #expect(read.subscription(by: read.all[0].digest.text) == nil, "whoever has the file has no address")
    #expect(!all.text.contains(ana) && !all.text.contains(team))
    #expect(read.all == all.all)
  }

  @Test func whatIsRevokedIsNoLongerKnown() throws {
    var all = Subscriptions()
    let (first, second) = (
      try all.add(person: "ana", team: "", at: Self.made), try all.add(person: "ana", team: "", at: Self.made)
    )
    let other = try all.add(person: "ana", team: "data", at: Self.made)
    let digest = SecretDigest(of: first).text
    #expect(all.revoke(beginning: String(digest.prefix(8)).uppercased()).count == 1)
    #expect(all.subscription(by: first) == nil && all.subscription(by: second) != nil)
    #expect(all.revoke(beginning: "0000000000").isEmpty)
    #expect(all.revoke(person: "ana", team: "").count == 1)
    #expect(all.subscription(by: second) == nil && all.subscription(by: other)?.whose == "ana in data")
    #expect(try Subscriptions(all.text).all.count == 1)
  }

  @Test func aLineThatIsNoneIsNamed() {
    let digest = String(repeating: "ab", count: 32)
    for line in [
      "\(digest) person=ana", "\(digest) made=2026-11-30T09:00:00Z", "abc person=ana made=2026-11-30T09:00:00Z",
      "\(digest) person=ana made=yesterday", "\(digest) person=ana person=ben made=2026-11-30T09:00:00Z",
      "\(digest) person=ana colour=red made=2026-11-30T09:00:00Z", "\(digest) ana made=2026-11-30T09:00:00Z",
    ] {
      #expect(throws: SubscriptionFault.self, "\(line)") { try Subscriptions("# comment\n\(line)\n") }
      do throws(SubscriptionFault) {
        _ = try Subscriptions("# comment\n\(line)\n")
      } catch {
        #expect(error.description.hasPrefix("line 2 "))
      }
    }
  }

  @Test func namesThatWouldBreakALineAreRefused() {
    var all = Subscriptions()
    for name in ["a b", "a\nb", "a=b", String(repeating: "a", count: 129)] {
      #expect(throws: SubscriptionFault.self) { try all.add(person: name, team: "", at: Self.made) }
    }
    #expect(throws: SubscriptionFault.self) { try all.add(person: "", team: "", at: Self.made) }
  }
}
