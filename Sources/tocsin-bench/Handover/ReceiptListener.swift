import Bus
import Messages
import Wire

/// An escalator's ear: answers each report of how a page fares at once, so that the notifier pays what it owes as it does in a
/// cluster.
final class ReceiptListener: @unchecked Sendable {
  // Sendable because `server` is touched on `thread` only.
  private let thread = PollThread(name: "receipts")
  private var server: CallServer?

  /// Begins to listen; where.
  func endpoint() async throws -> String {
    let made = await withUnsafeContinuation { continuation in
      thread.post { [self] in continuation.resume(returning: Result { try listen() }) }
    }
    return try made.get()
  }

  private func listen() throws -> String {
    let server = try CallServer(
      on: thread, endpoints: ["tcp://127.0.0.1:*"],
      methods: [EscalationMethods.putReceipt.path: false, HealthMethods.check.path: false])
    server.onCall = { [unowned server] call in
      let isReceipt = call.path == EscalationMethods.putReceipt.path
      server.answer(
        call.handle, .success(isReceipt ? Done().encoded() : HealthReply(status: .serving, tier: "escalator").encoded())
      )
    }
    self.server = server
    return server.endpoint
  }
}
