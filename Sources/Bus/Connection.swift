import Messages
import Synchronization
import Wire

/// A client that any task may use.
public struct Connection: Sendable {
  private let thread: PollThread
  private let box: Box

  /// Holds the client, which only the thread touches.
  final class Box: @unchecked Sendable {
    // Sendable because `client` is read and written on the poll thread only.
    var client: CallClient?
  }

  /// Connects to an endpoint on a thread; calls wait until the server is there.
  ///
  /// - Parameters:
  ///   - onConnection: told on the thread when the connection comes and goes.
  ///   - onRefusal: told there why the server doesn't let this client in.
  public init(
    on thread: PollThread, endpoint: String, limits: CallClient.Limits = .init(), keys: ClientKeys? = nil,
    onConnection: @escaping @Sendable (Bool) -> Void = { _ in },
    onRefusal: @escaping @Sendable (String) -> Void = { _ in }
  ) throws(ZeroMQError) {
    try Socket.validate(endpoint)
    self.thread = thread
    let box = Box()
    self.box = box
    thread.post {
      // Kept for good: its thread goes on to read its socket when the last copy of this value is gone.
      box.client = try? CallClient(on: thread, endpoint: endpoint, limits: limits, keys: keys)
      guard let client = box.client else { return }
      client.onConnection = onConnection
      client.onRefusal = onRefusal
      _ = Unmanaged.passRetained(client)
    }
  }

  /// For tasks that make many calls: they share the thread of the socket.
  public var executor: TaskRunner { thread.executor }

  /// One call.
  ///
  /// - Parameter identity: what makes repeats the same call; `.session` unless the caller wants to repeat it itself.
  /// - Throws: the server's refusal, or DEADLINE_EXCEEDED when there was no answer in time (it may be done all the same).
  public func call<Request, Response>(
    _ method: Method<Request, Response>, _ request: Request, timeout: Span = .seconds(5),
    identity: CallClient.Identity = .session
  ) async throws(Refusal) -> Response {
    let payload = try await raw(method.path, request.encoded(), timeout: timeout, identity: identity)
    do {
      return try Response(decoding: payload)
    } catch {
      throw Refusal(.internal, "the answer can't be read: \(error.refusal.message)")
    }
  }

  /// One call, in bytes.
  public func raw(
    _ path: String, _ payload: [UInt8], timeout: Span, identity: CallClient.Identity = .session
  ) async throws(Refusal) -> [UInt8] {
    let call = AskedCall(box, path, payload, timeout: timeout, identity: identity)
    let result: Result<[UInt8], Refusal> = await withTaskCancellationHandler {
      await withUnsafeContinuation { continuation in
        call.wait(continuation)
        if thread.isCurrent { call.run() } else { thread.hand(.call(call)) }
      }
    } onCancel: {
      if let id = call.cancel() { onThread { $0?.cancel(id) } }
    }
    return try result.get()
  }

  /// Many calls of one method, handed over together. `then` gets what became of each, in their order, on the connection's thread.
  public func callAll(
    _ path: String, _ payloads: [[UInt8]], timeout: Span,
    then: @escaping @Sendable ([Result<[UInt8], Refusal>]) -> Void
  ) {
    onThread { client in
      guard let client else {
        let refusal = Refusal(.unavailable, "no socket could be opened")
        return then(payloads.map { _ in .failure(refusal) })
      }
      let gathered = Gathered(count: payloads.count, then)
      for (index, payload) in payloads.enumerated() {
        client.call(path, payload, timeout: timeout, identity: .session) { gathered.take(index, $0) }
      }
    }
  }

  /// What became of calls that were begun together; of the connection's thread only.
  private final class Gathered {
    private var results: [Result<[UInt8], Refusal>]
    private var missing: Int
    private let then: ([Result<[UInt8], Refusal>]) -> Void

    init(count: Int, _ then: @escaping ([Result<[UInt8], Refusal>]) -> Void) {
      results = Array(repeating: .success([]), count: count)
      missing = count
      self.then = then
      if count == 0 { then([]) }
    }

    func take(_ index: Int, _ result: Result<[UInt8], Refusal>) {
      results[index] = result
      missing -= 1
      if missing == 0 { then(results) }
    }
  }

  /// A server's stream. Ends when the server ends it; throws its refusal.
  public func stream<Request, Response>(
    _ method: Method<Request, Response>, _ request: Request, timeout: Span = .seconds(600)
  ) -> AsyncThrowingStream<Response, any Error> {
    let raw = rawStream(method.path, request.encoded(), timeout: timeout)
    return AsyncThrowingStream { continuation in
      let reading = Task {
        do {
          for try await bytes in raw { continuation.yield(try Response(decoding: bytes)) }
          continuation.finish()
        } catch {
          continuation.finish(throwing: error)
        }
      }
      continuation.onTermination = { _ in reading.cancel() }
    }
  }

  /// A server's stream, in bytes.
  public func rawStream(
    _ path: String, _ payload: [UInt8], timeout: Span = .seconds(600)
  ) -> AsyncThrowingStream<[UInt8], any Error> {
    AsyncThrowingStream { continuation in
      let call = Started()
      continuation.onTermination = { _ in
        if let id = call.cancelled() { self.onThread { $0?.cancel(id) } }
      }
      onThread { client in
        guard let client else {
          return continuation.finish(throwing: Refusal(.unavailable, "no socket could be opened"))
        }
        let id = client.stream(path, payload, timeout: timeout) {
          continuation.yield($0)
        } then: { result in
          switch result {
          case .success: continuation.finish()
          case .failure(let refusal): continuation.finish(throwing: refusal)
          }
        }
        if call.began(id) { client.cancel(id) }
      }
    }
  }

  /// By which key the server is known now. It is shown where the server can't be reached: one whose key was rotated goes on with the old
  /// one until it is started again.
  public func expect(_ server: PublicKey) {
    onThread { client in
      guard let client, !client.isConnected, let keys = client.keys, keys.server != server else { return }
      do throws(ZeroMQError) {
        try client.show(ClientKeys(own: keys.own, server: server))
      } catch {
        client.onRefusal("its new key can't be used: \(error)")
      }
    }
  }

  private func onThread(_ work: @escaping @Sendable (CallClient?) -> Void) {
    let box = self.box
    if thread.isCurrent { work(box.client) } else { thread.post { work(box.client) } }
  }

  /// Which call a task began, so that its cancellation finds it whichever comes first.
  private final class Started: Sendable {
    private let state = Mutex<(id: UInt64?, isCancelled: Bool)>((nil, false))

    func began(_ id: UInt64) -> Bool {
      state.withLock {
        $0.id = id
        return $0.isCancelled
      }
    }

    func cancelled() -> UInt64? {
      state.withLock {
        $0.isCancelled = true
        return $0.id
      }
    }
  }
}

extension CallClient {
  /// Begin a stream on the thread: `take` gets each message in order, then `then` why it ended.
  @discardableResult
  public func stream(
    _ path: String, _ payload: [UInt8], timeout: Span, take: @escaping ([UInt8]) -> Void, then: @escaping Completion
  ) -> UInt64 {
    begin(
      path, payload, timeout: timeout, identity: .content, traceparent: [],
      stream: StreamState(window: limits.streamWindow, take: take), .closure(then))
  }
}
