import Foundation
import Listening

/// Takes what is posted to a path that only this process knows, on a port of the loopback interface that the system chooses.
final class LoopbackReceiver: Sendable {
  let url: String

  /// - Throws: `ProviderFailure` when no port can be had.
  init() throws {
    let path = "/\(UUID().uuidString)"
    do {
      let listener = try HTTPListener(
        "127.0.0.1:0",
        answer: { request, then in
          then(request.method == "POST" && request.path == path ? HTTPResponse(204) : .notFound)
        })
      url = "http://127.0.0.1:\(listener.port)\(path)"
    } catch {
      throw ProviderFailure("synthetic pages can't be received: \(error)")
    }
  }
}
