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

  @Test func nobodyIsForgottenWhateverCrashes() async {
    let campaign = Campaign(
      slices: ShippedCluster.slices, zones: ShippedCluster.zones, people: ShippedCluster.people)
    var reached: Set<String> = []
    var steps = 0
    var faults = 0
    for seed in Self.seeds {
      let report = campaign.run(seed: seed, tracing: ProcessInfo.processInfo.environment["TOCSIN_TRACE"])
      report.trace.forEach { print($0) }
      #expect(report.violations == [], "seed \(seed): \(report.summary)")
      #expect(report.steps >= 500, "seed \(seed) was an empty run: \(report.summary)")
      reached.formUnion(report.reached)
      steps += report.steps
      faults += report.faults
      if Self.seeds.count == 1 { print("seed \(seed): \(report.summary)") }
    }
    print(
      "\(Self.seeds.count) seeds: \(steps) steps, \(faults) faults, reached \(reached.sorted().joined(separator: " "))")
    if Self.seeds.count >= 100 {
      #expect(faults >= 50 * Self.seeds.count)
      #expect(reached.isSuperset(of: Self.floor), "not reached: \(Self.floor.subtracting(reached).sorted())")
    }
  }

  /// What any hundred seeds must have seen, or they test less than they seem to.
  static let floor: Set<String> = [
    "opened", "paged", "breach", "escalated", "chain-ended", "chain-started", "acknowledged", "lapsed", "resolved",
    "update", "posted", "age", "skipped", "receipt", "withdrawn",
  ]
}
