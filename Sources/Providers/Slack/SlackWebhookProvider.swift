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
      guard AddressForm.web.fits(url) else { throw ProviderFailure("the secret file holds no web address") }
      let request = try Conversation(
        url: url, json: SlackText.message(handOver.text, keeping: handOver.incidentId), caFile: handOver.route.caFile)
      conversations.post(request) { then(Self.outcome($0).without(secrets: [url])) }
    } catch {
      then(HandOverOutcome(.failedPrecondition, "\(error)"))
    }
  }

  /// `ok`, or 400 and more with a word such as `channel_is_archived`.
  static func outcome(_ end: Conversation.End) -> HandOverOutcome {
    guard case .answered(let answer) = end else { return HandOverOutcome(end) }
    guard answer.status == 200, answer.body.prefix(3) != "ok" else { return HandOverOutcome(answer) }
    return HandOverOutcome(.failedPrecondition, "200, but not as Slack answers: is that its address?")
  }
}
