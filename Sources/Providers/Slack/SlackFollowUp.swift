import Messages

/// What came of a button in Slack, posted to the address that came with the press: Slack shows nothing of the answer to the
/// press itself.
public final class SlackFollowUp: Sendable {
  private let conversations: Conversations

  public init(_ conversations: Conversations) {
    self.conversations = conversations
  }

  /// - Parameter failed: hears why Slack did not take it.
  public func post(_ words: Words, to url: String, failed: @escaping @Sendable (String) -> Void) {
    let json: [String: Any] =
      switch words {
      case .instead(let text): ["replace_original": true, "text": text]
      case .onlyForThem(let text): ["replace_original": false, "response_type": "ephemeral", "text": text]
      }
    guard let request = try? Conversation(url: url, json: json, caFile: "") else {
      return failed("it can't be said as JSON")
    }
    conversations.post(request) { end in
      let outcome = HandOverOutcome(end)
      if outcome.status != .ok { failed(outcome.shortened.words) }
    }
  }

  public enum Words: Sendable {
    /// In the place of the message and its buttons.
    case instead(String)
    /// Below it, for whoever pressed.
    case onlyForThem(String)
  }
}
