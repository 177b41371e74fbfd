import Machinery
import Messages

/// What providers are being asked: each attempt and question, and at which host, because one that hangs or is slow holds each
/// of its own for as long as it pleases.
///
/// **No host takes the places of another.** A host has at most what it may have by itself (`ProviderKind.underWayAtMost`), and begins
/// nothing more once it has over half as many as are free: about a third of what the others have left. So hosts that hang take ever fewer
/// places the more of them there are: one of them 128 of 512, four of them 399, and a fifth finds room. Fifteen at once, each of them with as
/// much to say, would take all. What waits for its host stays on the ledger, where an answer still cancels it and the next channel isn't
/// kept waiting by a place that is held.
struct UnderWay: Sendable {
  /// As many as the engine has under way to providers.
  static let atMost = 512
  /// SEV-1 and SEV-2.
  static let worst = 0..<2
  /// Of all places, and of a host's own one in eight, so that a slow provider full of lesser things, and of questions about them, never
  /// makes a SEV-1/2 wait.
  static let keptForTheWorst = 64
  static let keptAtHost = 8

  /// Begun and not ended.
  private(set) var queue = DebtQueue(urgencies: LedgerEntry.lanes)
  private var hosts: [String: ProviderHost] = [:]
  private var counts: [String: Int] = [:]

  var count: Int { queue.count }

  func contains(_ debt: String) -> Bool { queue.contains(debt) }
  func first(_ limit: Int) -> [String] { queue.first(limit) }
  func count(at host: ProviderHost) -> Int { counts[host.name] ?? 0 }

  /// Whether one more of a lane may begin.
  func hasRoom(in lane: Int, at host: ProviderHost) -> Bool {
    let isWorst = Self.worst.contains(lane)
    let own = count(at: host)
    let free = Self.atMost - (isWorst ? 0 : Self.keptForTheWorst) - count
    return free > 0 && own < host.atMost - (isWorst ? 0 : host.atMost / Self.keptAtHost) && own <= free / 2
  }

  mutating func owe(_ key: DebtKey, urgency: Int, since: Instant, at host: ProviderHost) {
    queue.owe(key, urgency: urgency, since: since)
    release(key.id)
    hosts[key.id] = host
    counts[host.name, default: 0] += 1
  }

  mutating func settle(_ debt: String) {
    queue.settle(debt)
    release(debt)
  }

  private mutating func release(_ debt: String) {
    guard let host = hosts.removeValue(forKey: debt), let count = counts[host.name] else { return }
    counts[host.name] = count > 1 ? count - 1 : nil
  }
}
