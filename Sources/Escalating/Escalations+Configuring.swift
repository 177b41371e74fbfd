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
    try PolicyBook.check(contacts: wanted.contacts)
    let changes = policies.changes(to: wanted)
    let applies = !wanted.dryRun && !changes.lines.isEmpty
    return Decision(
      applies
        ? [
          EscalationFact(
            kind: .policiesConfigured(
              PoliciesConfigured(
                policies: changes.new + changes.again, defaultTeam: wanted.defaultTeam,
                defaultPolicy: wanted.defaultPolicy, retired: changes.retired, contacts: wanted.contacts)))
        ] : [],
      answer: .configured(
        ConfigureReply(changes: changes.lines, applied: !wanted.dryRun, keeps: keeps(besides: changes))))
  }

  /// Which open incidents go on by another version of these policies, or by one that is configured no more, a line each version.
  private func keeps(besides changes: PolicyChanges) -> [String] {
    // What was opened before there was any policy runs by none.
    let names = changes.new.map(\.name) + changes.retired + (changes.new.isEmpty ? [] : [""])
    let versions = names.flatMap { open.versions(of: $0) }
    guard !versions.isEmpty else { return [] }
    let (gravest, areAll) = self.gravest(by: versions)
    return versions.map { version in
      let count = open.count(by: version)
      let keeps = "\(count) open incident\(count == 1 ? " keeps" : "s keep") \(version.words)"
      let named = gravest[version] ?? []
      guard count > named.count else { return "\(keeps): \(named.joined(separator: ", "))" }
      guard !named.isEmpty else { return keeps + version.listed }
      let some = "\(named.joined(separator: ", ")), and \(count - named.count) more"
      let oldest = areAll ? "" : "of the \(Self.looksAt) oldest incidents the gravest, "
      return "\(keeps): \(oldest)\(some)\(version.listed)"
    }
  }

  /// The gravest first, of those as bad the oldest. Looks at so many incidents and no more, because an apply, or a dry run of
  /// one, must not keep pages waiting; says whether those were all.
  private func gravest(by versions: [PolicyVersion]) -> (named: [PolicyVersion: [String]], areAll: Bool) {
    var found: [PolicyVersion: [Severity: [String]]] = [:]
    let wanted = Set(versions)
    var seen = 0
    incidents.forEach { id, incident in
      guard seen < Self.looksAt else { return false }
      seen += 1
      guard let version = incident.runsBy, wanted.contains(version),
        found[version]?[incident.severity]?.count ?? 0 < Self.namesKept
      else { return true }
      found[version, default: [:]][incident.severity, default: []].append("\(id) (\(incident.severity.words))")
      return true
    }
    let named = found.mapValues { bySeverity in
      Array(bySeverity.sorted { $0.key.rawValue < $1.key.rawValue }.flatMap(\.value).prefix(Self.namesKept))
    }
    return (named, seen == incidents.count)
  }
}

extension PolicyVersion {
  fileprivate var words: String {
    policy.isEmpty ? "the rule for when there is no policy" : "version \(version) of policy \(policy)"
  }

  /// How to see all of them; nothing where no filter says which they are.
  fileprivate var listed: String {
    policy.isEmpty ? "" : " (tocsinctl incident list --policy \(policy) --policy-version \(version))"
  }
}
