import CivilTime
import Foundation
import Messages
import Simulation
import Testing

/// Two intakes, sources that fail over, and faults, by seed. `TOCSIN_SEEDS=1-1000` for more of them, and with `TOCSIN_TRACE=key-3` every
/// fact about one of its keys.
@Suite struct IntakesSeedTests {
  /// In tens, which run beside each other.
  static let seeds: [ClosedRange<UInt64>] = {
    let given = ProcessInfo.processInfo.environment["TOCSIN_SEEDS"]?.split(separator: "-").compactMap { UInt64($0) }
    let all = given.flatMap { $0.count == 2 && $0[0] <= $0[1] ? $0[0]...$0[1] : nil } ?? 1...40
    return stride(from: all.lowerBound, through: all.upperBound, by: 10).map { $0...min($0 + 9, all.upperBound) }
  }()

  @Test(arguments: seeds) func whatASourceLastSaidHoldsWhicheverIntakeHeardIt(_ seeds: ClosedRange<UInt64>) throws {
    let cluster = try ShippedCluster(repository: Repository.folder)
    let campaign = IntakesCampaign(slices: cluster.slices, zones: cluster.zones)
    let traced = ProcessInfo.processInfo.environment["TOCSIN_TRACE"]
    var counts: [String: Int] = [:]
    for seed in seeds {
      let (violations, happened, trace) = campaign.run(seed: seed, tracing: traced)
      trace.forEach { print($0) }
      #expect(violations == [], "seed \(seed)")
      counts.merge(happened) { $0 + $1 }
    }
    guard seeds.count == 10 else { return }
    // What is to be shown has happened.
    for what in ["failed over", "resolve passedOn", "trigger counted", "resolve closed", "crashes"] {
      #expect(counts[what, default: 0] > 0, "\(what): \(counts)")
    }
  }
}
