import Machinery
import Synchronization

/// The keys of a running notifier. One is drawn when somebody is first sealed, and is kept before anything that it has sealed:
/// the other way round, a crash in between would leave rows that nobody can read.
public final class ContactKeys: Sendable {
  private struct State {
    var ring: ContactKeyRing
    var version: UInt64 = 0
    var erasures: UInt64 = 0
  }
  private let state: Mutex<State>
  /// The version that is on disk; held while a newer one is written, so that an older one never comes after it.
  private let kept = Mutex<UInt64>(0)
  /// What refusals call the place where keys are.
  let place: String
  private let draw: @Sendable () -> [UInt8]
  private let write: @Sendable (ContactKeyRing) throws(JournalFailure) -> Void

  /// - Parameters:
  ///   - draw: 32 bytes that nobody can guess.
  ///   - write: returns when the keys are on disk.
  public init(
    _ ring: ContactKeyRing, place: String, draw: @escaping @Sendable () -> [UInt8],
    write: @escaping @Sendable (ContactKeyRing) throws(JournalFailure) -> Void
  ) {
    state = Mutex(State(ring: ring))
    self.place = place
    self.draw = draw
    self.write = write
  }

  /// Before rows and checkpoints that were encoded by now.
  public func keep() throws(JournalFailure) {
    let failure: JournalFailure? = kept.withLock { kept in
      let (ring, version) = state.withLock { ($0.ring, $0.version) }
      guard version > kept else { return nil }
      do throws(JournalFailure) {
        try write(ring)
        kept = version
        return nil
      } catch {
        return error
      }
    }
    if let failure { throw failure }
  }

  /// How often somebody was erased since the start: a checkpoint that was begun before may hold what is gone.
  public var erasures: UInt64 { state.withLock { $0.erasures } }

  func key(of person: String) -> ContactKey {
    state.withLock { state in
      if let key = state.ring.key(of: person) { return key }
      let key = ContactKey(draw())
      state.ring.add(key, of: person)
      state.version += 1
      return key
    }
  }

  func erase(_ person: String) {
    state.withLock { state in
      guard state.ring.erase(person) else { return }
      state.version += 1
      state.erasures += 1
    }
  }

  /// All of them as their file has them: for whoever may see every address anyway.
  public var text: String { state.withLock { $0.ring.text } }

  /// Nil when what the key has sealed was erased.
  func key(_ id: KeyID, sealing person: String) throws(ContactKeyFailure) -> ContactKey? {
    let (key, isErased) = state.withLock { ($0.ring.key(id), $0.ring.erased.contains(id)) }
    if key == nil, !isErased {
      throw ContactKeyFailure(
        """
        the contact of \(person) is sealed with the key \(id), which \(place) doesn't have: give the notifier its own key file \
        back. If that key is lost for good, so are the addresses: start with a line "erased \(id)" in the file, and apply \
        the contacts again
        """)
    }
    return key
  }
}
