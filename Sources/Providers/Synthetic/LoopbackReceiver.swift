import FlyingFox
import FlyingSocks
import Foundation
import Synchronization

/// Takes what is posted to a path that only this process knows, on a port of the loopback interface that the system chooses.
final class LoopbackReceiver: Sendable {
  let path = "/\(UUID().uuidString)"
  private let listening = Mutex<UInt16?>(nil)

  /// nil while it does not listen.
  var port: UInt16? { listening.withLock { $0 } }

  init() {
    Task.detached { [self] in
      while !Task.isCancelled {
        try? await serve()
        listening.withLock { $0 = nil }
        try? await Task.sleep(for: .seconds(1))
      }
    }
  }

  /// Until the listening socket fails.
  private func serve() async throws {
    let server = HTTPServer(address: try .inet(ip4: "127.0.0.1", port: 0), timeout: 10, logger: .disabled)
    await server.appendRoute(HTTPRoute("POST \(path)")) { _ in HTTPResponse(statusCode: .noContent) }
    let address = Task { [self] in
      try await server.waitUntilListening()
      guard case .ip4(_, let port) = await server.listeningAddress else { return }
      listening.withLock { $0 = port }
    }
    defer { address.cancel() }
    try await server.run()
  }
}
