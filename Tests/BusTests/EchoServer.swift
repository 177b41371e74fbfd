import Bus
import Messages

/// A server of its own thread that answers as a test tells it to.
final class EchoServer: @unchecked Sendable {
  // Sendable because `server` is touched on its thread only, once `init` has returned.
  let thread: PollThread
  /// Of each door.
  let endpoints: [String]
  var endpoint: String { endpoints[0] }
  private var server: CallServer?
  static let echo = "/test.Echo/Say"
  static let stream = "/test.Echo/Count"

  /// - Parameter answer: what to do with each call; nil echoes.
  init(
    doors: [CallServer.Door] = [.init("everybody", endpoints: ["tcp://127.0.0.1:*"])],
    limits: CallServer.Limits = .init(),
    answer: (@Sendable (CallServer, IncomingCall) -> Void)? = nil
  ) async throws {
    let thread = PollThread(name: "server")
    self.thread = thread
    let made = await withUnsafeContinuation { (done: UnsafeContinuation<Result<Made, any Error>, Never>) in
      thread.post {
        done.resume(
          returning: Result {
            let server = try CallServer(
              on: thread, doors: doors, methods: [EchoServer.echo: false, EchoServer.stream: true],
              limits: limits)
            server.onCall = { [unowned server] call in
              if let answer { answer(server, call) } else { server.answer(call.handle, .success(call.payload)) }
            }
            _ = Unmanaged.passRetained(server)
            return Made(server: server)
          })
      }
    }
    server = try made.get().server
    endpoints = try await EchoServer.endpoints(of: made.get(), on: thread)
  }

  private struct Made: @unchecked Sendable {
    // Sendable because it only carries the server out of its thread; it is used there alone.
    let server: CallServer
  }

  private static func endpoints(of made: Made, on thread: PollThread) async throws -> [String] {
    await withUnsafeContinuation { done in thread.post { done.resume(returning: made.server.endpoints) } }
  }

  func onThread<Value: Sendable>(_ body: @escaping @Sendable (CallServer) -> Value) async -> Value {
    await withUnsafeContinuation { done in
      thread.post { [self] in
        if let server { done.resume(returning: body(server)) }
      }
    }
  }
}
