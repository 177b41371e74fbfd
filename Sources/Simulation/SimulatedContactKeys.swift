import Cryptography
import Machinery
import Synchronization
import Tiers

extension ContactKeys {
  /// Keys that anybody can guess, the same in each run: what is sealed with them shows that rules and journal do with sealed
  /// contacts. They outlive crashes, as a file does that is written before what it has sealed.
  static func simulated() -> ContactKeys {
    let drawn = Drawn()
    return ContactKeys(ContactKeyRing(), place: "the simulation", draw: { drawn.next() }, write: { _ in })
  }

  private final class Drawn: Sendable {
    private let count = Mutex(0)

    func next() -> [UInt8] {
      let number = count.withLock { count in
        count += 1
        return count
      }
      return SHA256.hash("simulated key \(number)")
    }
  }
}
