import Addresses
import Messages
import Synchronization

/// How often strangers may try something, by their address: the notifier counts by person, code and link, this keeps one address from
/// trying them all. In memory of one copy.
final class Doorstep: Sendable {
  /// Within a minute.
  let triesAtMost: Int
  static let within = Span.minutes(1)
  private static let addressesAtMost = 10_000

  private let tries = Mutex<[String: (count: Int, since: Instant)]>([:])

  init(triesAtMost: Int) {
    self.triesAtMost = triesAtMost
  }

  func admits(_ address: String, at now: Instant) -> Bool {
    let address = Self.place(address)
    return tries.withLock { tries in
      if tries.count >= Self.addressesAtMost { tries = tries.filter { now - $0.value.since < Self.within } }
      // So many at once are a flood, and nobody new gets through it.
      guard tries.count < Self.addressesAtMost || tries[address] != nil else { return false }
      var mine = tries[address] ?? (0, now)
      if now - mine.since >= Self.within || now < mine.since { mine = (0, now) }
      mine.count += 1
      tries[address] = mine
      return mine.count <= triesAtMost
    }
  }

  /// Of IPv6 the network: whoever has one address of it has them all.
  private static func place(_ text: String) -> String {
    guard let address = IPAddress(text)?.undressed else { return text }
    guard address.bytes.count == 16 else { return "\(address)" }
    return "\(IPAddress(Array(address.bytes.prefix(8)) + Array(repeating: 0, count: 8)))/64"
  }
}
