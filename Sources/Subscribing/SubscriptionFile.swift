import Bus
import Glibc
import Messages

/// The file itself: read whole, changed by one at a time, written whole.
public struct SubscriptionFile: Sendable {
  public static let name = "feeds"
  public let path: String
  private let lockPath: String

  /// - Parameter folder: the gateway's.
  public init(in folder: String) {
    path = "\(folder)/\(Self.name)"
    lockPath = "\(folder)/.\(Self.name).lock"
  }

  /// Nobody's, where there is no file.
  public func read() throws(KeyFileError) -> Subscriptions {
    guard access(path, F_OK) == 0 else { return Subscriptions() }
    let text = try KeyFiles.list(path)
    do throws(SubscriptionFault) {
      return try Subscriptions(text)
    } catch {
      throw KeyFileError(path, error.description)
    }
  }

  public func change<Value>(
    _ body: (inout Subscriptions) throws(SubscriptionFault) -> Value
  ) throws(KeyFileError) -> Value {
    let lock = open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard lock >= 0, flock(lock, LOCK_EX) == 0 else {
      throw KeyFileError(path, "can't be locked: \(String(cString: strerror(errno)))")
    }
    defer { close(lock) }
    var subscriptions = try read()
    let value: Value
    do throws(SubscriptionFault) {
      value = try body(&subscriptions)
    } catch {
      throw KeyFileError(path, error.description)
    }
    try KeyFiles.write(subscriptions.text, to: path, mode: 0o600)
    return value
  }
}
