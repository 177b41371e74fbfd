import Messages
import Wire

/// Has a tier verify its journal, a stretch at a time, from a row to the end.
enum JournalCheck {
  /// - Parameter row: where to begin: behind it; 0: with the first.
  static func run(_ tier: Tier, on cluster: Cluster, after row: UInt64 = 0) async throws -> AuditVerdict {
    var request = AuditVerification(after: row)
    var records: UInt64 = 0
    while true {
      var verdict = try await cluster.call(tier, AuditMethods.verify, request, timeout: .seconds(60))
      records += verdict.records
      verdict.records = records
      guard verdict.more, verdict.damage.isEmpty, verdict.through > request.after else { return verdict }
      request = AuditVerification(after: verdict.through, chain: verdict.chain)
    }
  }
}
