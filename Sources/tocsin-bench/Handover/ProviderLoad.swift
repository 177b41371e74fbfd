import Bus
import Foundation
import Messages
import Providers

/// Hands pages over by the providers' own code in this process, as a notifier does: they begin on one thread, and how each ended
/// comes back to it.
final class ProviderLoad: @unchecked Sendable {
  // Sendable because all that changes is touched on `thread` only.
  private let thread = PollThread(name: "handing over")
  private let providers: Providers
  private let route: ChannelRoute
  private let connections: Int
  private var left = 0
  private var underWay = 0
  private var failure: HandOverOutcome?
  private var done: () -> Void = {}

  init(_ route: ChannelRoute, connections: Int) throws {
    self.route = route
    self.connections = connections
    let conversations = try Conversations(reach: Reach(allowing: "127.0.0.0/8"))
    providers = Providers([.webhook: WebhookProvider(conversations)])
  }

  /// Pages a second.
  func rate(of count: Int) async throws -> Double {
    let began = PollThread.now()
    let failure: HandOverOutcome? = await withUnsafeContinuation { continuation in
      thread.post { [self] in
        left = count
        self.failure = nil
        done = { [self] in continuation.resume(returning: self.failure) }
        while left > 0, underWay < connections { begin() }
      }
    }
    if let failure { throw BenchFailure("a page was not taken: \(failure.words)") }
    return Double(count) * 1e9 / Double(PollThread.now() - began)
  }

  private func begin() {
    let number = left
    left -= 1
    underWay += 1
    let id = "providers-\(number)/p7/1#0"
    let now = Instant(milliseconds: Int64(Date().timeIntervalSince1970 * 1_000))
    let handOver = HandOver(
      id: id, attempt: 1, isRepeat: false, channel: "push", person: "p7", name: "Person 7", address: "p7-phone",
      incidentId: "providers-\(number)", severity: .sev2, title: "SEV-2 aion-web-api: 5xx above 2 %",
      text: BenchNotifier.words, at: now, route: route)
    providers.deliver(handOver) { [self] outcome in thread.post { [self] in ended(outcome) } }
  }

  private func ended(_ outcome: HandOverOutcome) {
    underWay -= 1
    if outcome.status != .ok { failure = outcome }
    if left > 0 { begin() } else if underWay == 0 { done() }
  }
}
