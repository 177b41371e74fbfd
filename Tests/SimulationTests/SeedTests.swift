import Foundation
import Simulation
import Testing

/// Seeded runs of all four machines with everything going wrong. `TOCSIN_SEEDS=1000-2000` runs others than the usual ones,
/// `TOCSIN_SEEDS=17` one, and with `TOCSIN_TRACE=2f-1k` every fact about one of its incidents.
@Suite struct SeedTests {
  static let seeds: ClosedRange<UInt64> = {
    let text = ProcessInfo.processInfo.environment["TOCSIN_SEEDS"] ?? "1-500"
    let ends = text.split(separator: "-").compactMap { UInt64($0) }
    return (ends.first ?? 1)...(ends.last ?? 500)
  }()

  @Test func nobodyIsForgottenWhateverCrashes() async throws {
    let campaign = try ShippedCluster(repository: Repository.folder).campaign
    if let traced = ProcessInfo.processInfo.environment["TOCSIN_TRACE"], let seed = Self.seeds.first {
      campaign.run(seed: seed, tracing: traced).trace.forEach { print($0) }
    }
    var tally = SeedTally()
    await campaign.run(seeds: Self.seeds) { seed, report in
      #expect(report.violations == [], "seed \(seed): \(report.text)")
      #expect(report.shortfalls == [], "seed \(seed) was less of a run than it must be: \(report.text)")
      tally.add(report)
      if Self.seeds.count == 1 { print("seed \(seed): \(report.text)") }
      return true
    }
    print(tally.summary)
    if Self.seeds.count >= 100 { #expect(tally.shortfalls == []) }
  }

  @Test func theSameSeedGivesTheSameRun() throws {
    let campaign = try ShippedCluster(repository: Repository.folder).campaign
    for seed in Self.seeds.prefix(3) {
      #expect(campaign.run(seed: seed).summary == campaign.run(seed: seed).summary)
    }
  }
}
