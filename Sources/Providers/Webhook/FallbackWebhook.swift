import Foundation
import Messages

/// One URL that hears when a tier of the cluster is lost (requirement I6), from each tier that notices: the way that is left when
/// the escalator or the notifier is what is lost. No personal data goes there. Its address comes from a file of the machine and not with a
/// configuration, so it may lie inwards.
public final class FallbackWebhook: Sendable {
  private let conversations: Conversations
  private let url: String

  /// - Throws: `ProviderFailure` when the URL is none.
  public init(url: String) throws {
    guard let scheme = URL(string: url)?.scheme, ["http", "https"].contains(scheme) else {
      throw ProviderFailure("--fallback-webhook-file must hold an http or https URL")
    }
    self.url = url
    conversations = try Conversations(reach: .everywhere)
  }

  /// - Parameter text: for people, in the field that chat webhooks show.
  /// - Parameter then: nil when it was taken, else why not. Called on a thread of its own.
  public func post(
    tier: String, peer: String, event: String, text: String, at now: Instant,
    then: @escaping @Sendable (String?) -> Void
  ) {
    let fields: [String: Any] = [
      "event": event, "tier": tier, "peer": peer, "text": text, "at_ms": now.milliseconds,
    ]
    guard let body = try? JSONSerialization.data(withJSONObject: fields, options: [.sortedKeys]) else {
      return then("it can't be written as JSON")
    }
    let headers = ["Content-Type: application/json", "User-Agent: tocsin", "Expect:"]
    conversations.post(Conversation(url: url, headers: headers, body: [UInt8](body))) { end in
      let outcome = HandOverOutcome(end)
      then(outcome.status == .ok ? nil : outcome.shortened.words)
    }
  }
}
