import Messages

/// How many incidents are open, in all and by each version of a policy. Kept with every incident that opens, ends or gets another
/// version, so that nobody has to look at what is open to know which versions are still in use.
struct OpenIncidents: Hashable, Sendable {
  private(set) var count = 0
  private var byVersion: [PolicyVersion: Int] = [:]

  /// Versions of a policy by which incidents run that are open, the oldest first.
  func versions(of policy: String) -> [PolicyVersion] {
    byVersion.keys.filter { $0.policy == policy }.sorted { $0.version < $1.version }
  }

  func count(by version: PolicyVersion) -> Int { byVersion[version] ?? 0 }

  /// - Parameters: by which version an incident ran before a fact and after it; nil where it isn't open.
  mutating func note(_ before: PolicyVersion?, _ after: PolicyVersion?) {
    guard before != after else { return }
    if let before {
      count -= 1
      let left = count(by: before) - 1
      byVersion[before] = left > 0 ? left : nil
    }
    if let after {
      count += 1
      byVersion[after, default: 0] += 1
    }
  }
}

/// One version of a policy.
struct PolicyVersion: Hashable, Sendable {
  var policy: String
  var version: UInt64
}

extension RunningIncident {
  /// By which its clocks run as long as it is open.
  var runsBy: PolicyVersion? {
    isOpen ? PolicyVersion(policy: opened.policy, version: opened.policyVersion) : nil
  }
}
