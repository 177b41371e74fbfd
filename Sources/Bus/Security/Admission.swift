import CivilTime
import Glibc
import Messages
import Synchronization

/// Who is let in at one door: asked by `ZAPHandler` at each handshake, under the name (ZAP domain) of the door.
package final class Admission: Sendable {
  /// The tier knocks at its own door, with keys that live in memory only: one that must be let in (and may do nothing: no list
  /// names it), and one that must not.
  struct Knock: Sendable {
    var welcome: PublicKey
    var stranger: PublicKey
  }
  struct Seen: Sendable {
    var refused: UInt64 = 0
    /// The last of each kind, in words, with the address that it came from.
    var last: [String: String] = [:]
    var admitted: UInt64 = 0
    var uncounted = RefusedHandshakes()
  }
  package let domain: String
  let ring: KeyRing
  private let knock = Mutex<Knock?>(nil)
  private let seen = Mutex(Seen())

  package init(door: String, ring: KeyRing) {
    domain = "tocsin/\(door)/\(UInt64.random(in: 0...UInt64.max))"
    self.ring = ring
    ZAPHandler.shared.serve(self)
  }

  deinit {
    ZAPHandler.shared.leave(domain)
  }

  var counts: Seen { seen.withLock { $0 } }

  func expect(_ knock: Knock) {
    self.knock.withLock { $0 = knock }
  }

  /// Nil: it may come in.
  func objection(to key: PublicKey, from address: String) -> KeyObjection? {
    if let own = knock.withLock({ $0 }) {
      if key == own.welcome { return nil }
      // Not counted: nobody needs to look at it.
      if key == own.stranger { return ring.store.admits(key, from: address, at: Self.now) }
    }
    // Somebody whose key was made a moment ago: libzmq's clients don't try again once they are refused.
    if ring.store[key] == nil { ring.look() }
    guard let objection = ring.store.admits(key, from: address, at: Self.now) else {
      seen.withLock { $0.admitted += 1 }
      return nil
    }
    refuse(objection, key: key, from: address)
    return objection
  }

  func refuse(_ objection: KeyObjection, key: PublicKey?, from address: String) {
    let principal = key.flatMap { ring.store[$0]?.principal } ?? ""
    let words = "from \(address): \(objection)\(principal.isEmpty ? "" : " of \(principal)")"
    seen.withLock {
      $0.refused += 1
      $0.last[objection.kind] = words
      $0.uncounted.add(RefusedHandshake(reason: objection.kind, principal: principal, from: address), words)
    }
  }

  /// Those that were refused since this was asked last.
  func takeRefused() -> [(one: RefusedHandshake, words: String, count: UInt64)] {
    seen.withLock { $0.uncounted.takeAll() }
  }

  /// Keys are valid by the wall clock of this machine.
  static var now: Instant {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Instant(milliseconds: Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000)
  }
}
