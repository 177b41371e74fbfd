import Messages
import Synchronization

/// A unary call that a task waits for: what it asks, who waits, and which call of the client it became.
///
/// One object, so that handing it over allocates nothing more.
final class AskedCall: @unchecked Sendable {
  // Sendable because it is made by one thread, handed over once, and then touched by the poll thread only, but for `state`,
  // which is atomic.

  private let box: Connection.Box
  private let path: String
  private var payload: [UInt8]
  private let timeout: Span
  private let identity: CallClient.Identity
  private var waiting: UnsafeContinuation<Result<[UInt8], Refusal>, Never>?
  /// 0 until it has begun, then the call's id; `cancelled` from the moment that nobody wants it any more.
  private let state = Atomic<UInt64>(0)
  private static let cancelled = UInt64.max

  init(
    _ box: Connection.Box, _ path: String, _ payload: [UInt8], timeout: Span, identity: CallClient.Identity
  ) {
    self.box = box
    self.path = path
    self.payload = payload
    self.timeout = timeout
    self.identity = identity
  }

  /// Before it is handed to the poll thread.
  func wait(_ continuation: UnsafeContinuation<Result<[UInt8], Refusal>, Never>) {
    waiting = continuation
  }

  /// On the poll thread.
  func run() {
    guard let client = box.client else { return finish(.failure(Refusal(.unavailable, "no socket could be opened"))) }
    let id = client.call(path, payload, timeout: timeout, identity: identity, for: self)
    payload = []
    guard !state.compareExchange(expected: 0, desired: id, ordering: .acquiringAndReleasing).exchanged else { return }
    client.cancel(id)
  }

  /// From any thread. Which call of the client to cancel; nil when it hasn't begun, and then it won't be sent.
  func cancel() -> UInt64? {
    let id = state.exchange(Self.cancelled, ordering: .acquiringAndReleasing)
    return id == 0 || id == Self.cancelled ? nil : id
  }

  func finish(_ result: Result<[UInt8], Refusal>) {
    guard let continuation = waiting else { return }
    waiting = nil
    continuation.resume(returning: result)
  }
}
