import Synchronization

/// The secrets that providers' callbacks were signed with when somebody last looked, for the listener, which must not wait: a forged
/// request is told from a genuine one before it is counted. What fits none of them is looked at again with the secrets as they are
/// then, so that a new one needs no restart.
final class KnownSecrets: Sendable {
  private struct Known {
    var secrets: [String] = []
    var lookedAt: Int64?
  }
  private let known = Mutex<[String: Known]>([:])

  func secrets(of provider: String) -> [String] { known.withLock { $0[provider]?.secrets ?? [] } }

  func note(_ secrets: [String], of provider: String) {
    known.withLock { $0[provider, default: Known()].secrets = secrets }
  }

  /// Whether somebody should look again: each second, however many ask.
  func isOld(_ provider: String, at seconds: Int64) -> Bool {
    known.withLock { known in
      guard known[provider]?.lookedAt != seconds else { return false }
      known[provider, default: Known()].lookedAt = seconds
      return true
    }
  }
}
