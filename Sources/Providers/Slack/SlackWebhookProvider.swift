import Foundation
import Messages

/// Slack's incoming webhook: one team channel, by an address that is itself the secret and stands in the secret file.
public final class SlackWebhookProvider: Provider {
  private let conversations: Conversations

  public init(_ conversations: Conversations) {
    self.conversations = conversations
  }

  public func deliver(_ handOver: HandOver, then: @escaping @Sendable (HandOverOutcome) -> Void) {
    do {
      let url = try SecretFile.text(handOver.route.secretFile)
      guard AddressForm.secureWeb.fits(url) else {
        throw ProviderFailure("the secret file must hold \(AddressForm.secureWeb.words)")
      }
      let request = try Conversation(
        url: url, json: SlackText.message(handOver.text, keeping: handOver.incidentId), caFile: handOver.route.caFile)
      conversations.post(request) { then(Self.outcome($0).without(secrets: Self.secrets(in: url))) }
    } catch {
      then(HandOverOutcome(.failedPrecondition, "\(error)"))
    }
  }

  /// The address, and what is secret of it: its path, as others may repeat it.
  private static func secrets(in url: String) -> [String] {
    let path = url.split(separator: "/", maxSplits: 2).dropFirst(2).first ?? ""
    // A shorter one is no secret, and would be found in any words.
    return path.utf8.count < 8 ? [url] : [url, "/\(path)", String(path)]
  }

  /// `ok`, or 400 and more with a word such as `channel_is_archived`.
  static func outcome(_ end: Conversation.End) -> HandOverOutcome {
    guard case .answered(let answer) = end else { return HandOverOutcome(end) }
    let isTaken = answer.body.trimmingCharacters(in: .whitespacesAndNewlines) == "ok"
    guard 200..<300 ~= answer.status, !isTaken else { return HandOverOutcome(answer) }
    return HandOverOutcome(.failedPrecondition, "\(answer.status), but not as Slack answers: is that its address?")
  }
}
