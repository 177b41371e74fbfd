import Glibc
import Messages
import Synchronization

/// The list of those who may come in that is in force, wherever it is asked for: at the door, at each handshake, and for each
/// request. Follows its file: a change is taken over whole, a broken file changes nothing and is told of.
public final class KeyRing: Sendable {
  private struct Kept {
    var store: KeyStore
    var stamp: Stamp?
    var problem: KeyFileError?
  }
  /// Which version of the file was looked at last.
  private struct Stamp: Hashable {
    var inode: UInt64
    var size: Int
    var seconds: Int
    var nanoseconds: Int
    var mode: UInt32
    var owner: UInt32
  }
  /// The file; nil: only `replace` changes it.
  public let path: String?
  private let read: @Sendable (String) throws(KeyFileError) -> KeyStore
  private let kept: Mutex<Kept>
  private let changes = Atomic<UInt64>(1)

  /// - Throws: what is wrong with the file. A tier doesn't start with a broken one.
  public convenience init(path: String) throws(KeyFileError) {
    try self.init(path: path) { path throws(KeyFileError) in try KeyStore.read(path) }
  }

  /// - Parameter read: what reads the file, which a test lets fail.
  package init(
    path: String, reading read: @escaping @Sendable (String) throws(KeyFileError) -> KeyStore
  ) throws(KeyFileError) {
    self.path = path
    self.read = read
    let stamp = Self.stamp(path)
    kept = Mutex(Kept(store: try read(path), stamp: stamp))
  }

  public init(_ store: KeyStore) {
    path = nil
    read = { path throws(KeyFileError) in try KeyStore.read(path) }
    kept = Mutex(Kept(store: store))
  }

  public var store: KeyStore { kept.withLock { $0.store } }
  /// Why the file as it is now is not in force; nil when it is.
  public var problem: KeyFileError? { kept.withLock { $0.problem } }
  /// Another number after each change: who remembers something of a key looks again.
  public var generation: UInt64 { changes.load(ordering: .acquiring) }

  public func replace(_ store: KeyStore) {
    kept.withLock { $0.store = store }
    changes.add(1, ordering: .releasing)
  }

  /// Takes over what has changed in the file, if anything. A file that couldn't be read is tried again, changed or not: it may
  /// be the one that revokes a key.
  public func look() {
    guard let path else { return }
    let stamp = Self.stamp(path)
    guard kept.withLock({ $0.stamp != stamp || $0.problem?.isPassing == true }) else { return }
    do throws(KeyFileError) {
      let store = try read(path)
      kept.withLock { $0 = Kept(store: store, stamp: stamp) }
      changes.add(1, ordering: .releasing)
    } catch {
      kept.withLock {
        $0.stamp = stamp
        $0.problem = error
      }
    }
  }

  private static func stamp(_ path: String) -> Stamp? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    return Stamp(
      inode: UInt64(status.st_ino), size: Int(status.st_size), seconds: status.st_mtim.tv_sec,
      nanoseconds: status.st_mtim.tv_nsec, mode: status.st_mode, owner: status.st_uid)
  }
}
