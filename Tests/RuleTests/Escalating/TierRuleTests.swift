import Escalating
import Messages
import Testing

/// What a policy says of one tier by itself (requirement E2).
@Suite struct TierRuleTests {
  private static let byTier = Policy.shipped.changing(.sev1) {
    $0.tiers = [
      TierRule(tier: 2, acknowledge: .minutes(3)), TierRule(tier: 3, acknowledge: .minutes(8), channels: ["voice"]),
    ]
    $0.tier3WithTier2 = false
  }

  @Test func eachTierHasItsOwnTimeToAnswer() {
    var escalator = Escalator(policies: [Self.byTier])
    escalator.alert(.sev1)
    escalator.wait(.minutes(21))
    #expect(
      escalator.said.filter { $0.contains("duty") } == [
        "11-25 10:00:00 duty ana", "11-25 10:10:00 duty ben", "11-25 10:13:00 duty tess", "11-25 10:21:00 duty vera",
      ])
  }

  @Test func eachTierHasItsOwnTimeAfterAnOutageToo() {
    var escalator = Escalator(policies: [Self.byTier])
    escalator.alert(.sev1)
    escalator.outage(.minutes(14))
    let paged = escalator.news().filter { $0.contains("duty") }.map { $0.suffix(4) }
    #expect(paged.contains(" ben") && paged.contains("tess") && !paged.contains("vera"))
    escalator.wait(.minutes(7))
    #expect(escalator.news() == [])
    escalator.wait(.minutes(1))
    #expect(escalator.news().contains("11-25 10:22:00 duty vera"))
  }

  @Test func aTierIsPagedByItsOwnChannels() {
    var escalator = Escalator(policies: [Self.byTier])
    escalator.alert(.sev1)
    escalator.wait(.minutes(13))
    let channels = escalator.facts.compactMap { made in
      if case .paged(let paged) = made.fact.kind, paged.purpose == .duty {
        "\(paged.person) \(paged.channels)"
      } else {
        nil
      }
    }
    #expect(channels == ["ana []", "ben []", "tess [\"voice\"]"])
  }

  @Test func aTierStandsOnceAndExists() {
    for tiers in [[TierRule(tier: 5)], [TierRule(tier: 2), TierRule(tier: 2)], [TierRule(tier: 0)]] {
      var escalator = Escalator(policies: [])
      #expect(throws: Refusal.self) { try escalator.configure([Policy.shipped.changing(.sev2) { $0.tiers = tiers }]) }
    }
  }
}
