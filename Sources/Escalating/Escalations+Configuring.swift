import Machinery
import Messages

/// Policies as operators apply them (requirement E6). What is open goes on by the version that it was opened with; whoever changes a
/// policy is told which incidents those are, because their clocks are not the ones that the files show from now on.
extension Escalations {
  /// So many incidents are named; the others are counted.
  static let namesKept = 10

  func configure(
    _ wanted: EscalationConfiguration
  ) throws(Refusal) -> Decision<EscalationFact, EscalationAnswer> {
    try PolicyBook.check(wanted.policies)
    let (lines, new) = policies.changes(to: wanted)
    let applies = !wanted.dryRun && !lines.isEmpty
    return Decision(
      applies
        ? [
          EscalationFact(
            kind: .policiesConfigured(
              PoliciesConfigured(
                policies: new, defaultTeam: wanted.defaultTeam, defaultPolicy: wanted.defaultPolicy)))
        ] : [],
      answer: .configured(ConfigureReply(changes: lines, applied: !wanted.dryRun, keeps: keeps(besides: new))))
  }

  /// Which open incidents go on by another version of these policies, a line each version.
  private func keeps(besides new: [Policy]) -> [String] {
    // What was opened before there was any policy runs by none.
    let names = new.map(\.name) + (new.isEmpty ? [] : [""])
    let versions = names.flatMap { open.versions(of: $0) }
    guard !versions.isEmpty else { return [] }
    let gravest = gravest(by: versions)
    return versions.map { version in
      let count = open.count(by: version)
      let named = gravest[version] ?? []
      let more = count > named.count ? ", and \(count - named.count) more" : ""
      let what =
        version.policy.isEmpty
        ? "the rule for when there is no policy" : "version \(version.version) of policy \(version.policy)"
      return
        "\(count) open incident\(count == 1 ? " keeps" : "s keep") \(what): \(named.joined(separator: ", "))\(more)"
    }
  }

  /// The gravest first, of those as bad the oldest. Looks at what is open, which nothing does but an apply that changes a policy in use.
  private func gravest(by versions: [PolicyVersion]) -> [PolicyVersion: [String]] {
    var found: [PolicyVersion: [Severity: [String]]] = [:]
    let wanted = Set(versions)
    incidents.forEach { id, incident in
      guard let version = incident.runsBy, wanted.contains(version),
        found[version]?[incident.severity]?.count ?? 0 < Self.namesKept
      else { return true }
      found[version, default: [:]][incident.severity, default: []].append("\(id) (\(incident.severity.words))")
      return true
    }
    return found.mapValues { bySeverity in
      Array(bySeverity.sorted { $0.key.rawValue < $1.key.rawValue }.flatMap(\.value).prefix(Self.namesKept))
    }
  }
}
