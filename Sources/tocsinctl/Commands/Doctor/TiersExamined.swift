import Configuration
import Foundation
import Messages
import Wire

/// What the tiers say of themselves, and what can be seen only from outside: clocks that differ, versions, journals.
enum TiersExamined {
  private static let rowsAtEnd: UInt64 = 20_000
  private static let clocksDifferBy = Span.seconds(2)

  static func findings(of cluster: Cluster, full: Bool, timeout: Span) async -> [DoctorFinding] {
    var findings: [DoctorFinding] = []
    var clocks: [(tier: Tier, ahead: Span)] = []
    var versions: [String: [String]] = [:]
    for tier in cluster.tiers {
      do {
        let asked = Date()
        let health = try await cluster.call(tier, HealthMethods.check, HealthRequest(), timeout: timeout)
        let isServing = health.status == .serving
        findings.append(
          DoctorFinding(
            place: tier.name, name: "health", value: isServing ? "serving" : "not serving",
            mend: health.reason, must: !isServing))
        let half = asked.addingTimeInterval(Date().timeIntervalSince(asked) / 2)
        clocks.append((tier, health.nowAt - Instant(milliseconds: Int64(half.timeIntervalSince1970 * 1_000))))
        versions[health.version, default: []].append(tier.name)
        let report = try await cluster.call(tier, PostureMethods.report, PostureRequest(), timeout: timeout)
        findings += report.findings.map { DoctorFinding(tier.name, $0) }
        findings.append(try await chain(of: tier, on: cluster, health.journalSequence, full: full))
      } catch {
        let words = (error as? Refusal).map(Failure.describe) ?? "\(error)"
        findings.append(
          DoctorFinding(
            place: tier.name, name: "answer", value: words, mend: "start it, or give the key and address that it takes",
            must: true))
      }
    }
    return findings + clockFindings(clocks) + versionFindings(versions)
  }

  private static func chain(
    of tier: Tier, on cluster: Cluster, _ rows: UInt64, full: Bool
  ) async throws -> DoctorFinding {
    let begin = full || rows <= rowsAtEnd ? 0 : rows - rowsAtEnd
    let verdict = try await JournalCheck.run(tier, on: cluster, after: begin)
    return DoctorFinding(
      place: tier.name, name: "chain",
      value: verdict.damage.isEmpty ? "rows \(begin + 1) to \(verdict.through) are what was written" : verdict.damage,
      mend: verdict.damage.isEmpty ? "" : "restore a backup: the journal's rows are not what was written",
      must: !verdict.damage.isEmpty)
  }

  /// Fast clocks of demos agree with each other, and with nobody else.
  private static func clockFindings(_ clocks: [(tier: Tier, ahead: Span)]) -> [DoctorFinding] {
    guard let least = clocks.map(\.ahead).min(), let most = clocks.map(\.ahead).max() else { return [] }
    let apart = most - least
    let differs = apart > clocksDifferBy
    return [
      DoctorFinding(
        place: "all tiers", name: "clocks", value: "differ by \(apart.milliseconds) ms",
        mend: differs ? "run chrony on every machine: civil times and keys go by these clocks" : "", must: differs)
    ]
  }

  private static func versionFindings(_ versions: [String: [String]]) -> [DoctorFinding] {
    let all = versions.sorted { $0.key < $1.key }.map { "\($0.key) (\($0.value.joined(separator: ", ")))" }
    guard !all.isEmpty else { return [] }
    return [
      DoctorFinding(
        place: "all tiers", name: "version", value: all.joined(separator: "; "),
        mend: versions.count > 1 ? "finish the upgrade" : "")
    ]
  }
}
