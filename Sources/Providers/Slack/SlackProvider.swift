import Messages

/// Slack's chat.postMessage, with a bot's token (`xoxb-…`) in the secret file: to people by their member IDs, and to channels.
///
/// Slack answers 200 whether or not it has taken a message; what counts is `ok`.
public final class SlackProvider: Provider {
  let conversations: Conversations

  public init(_ conversations: Conversations) {
    self.conversations = conversations
  }

  public func deliver(_ handOver: HandOver, then: @escaping @Sendable (HandOverOutcome) -> Void) {
    do {
      let token = try SecretFile.text(handOver.route.secretFile)
      var message = SlackText.message(handOver.text, keeping: handOver.incidentId)
      message["channel"] = handOver.destination
      message["metadata"] = Self.metadata(handOver)
      if let head = Self.place(of: handOver.headID) { message["thread_ts"] = head.ts }
      if let answers = handOver.answers { SlackText.add(answers, to: &message) }
      var request = try Conversation(
        url: handOver.url(.slack, "/api/chat.postMessage"), json: message,
        headers: [Conversation.bearer(token)], caFile: handOver.route.caFile)
      // Slack says again all that it has taken, which is longer than other answers.
      request.answerBytesAtMost = Self.answerBytes
      conversations.post(request) { [self] in
        let outcome = Self.outcome($0)
        // Somebody has deleted the head: better outside a thread than nowhere.
        if !handOver.headID.isEmpty, Self.threadIsGone.contains(outcome.words) {
          var alone = handOver
          alone.headID = ""
          return deliver(alone, then: then)
        }
        then(outcome.without(secrets: [token]))
        if outcome.status == .ok { updateHead(of: handOver, token) }
      }
    } catch {
      then(HandOverOutcome(.failedPrecondition, "\(error)"))
    }
  }

  /// `{"ok":true,"ts":"1503435956.000247",…}`, or `{"ok":false,"error":"channel_not_found"}`.
  static func outcome(_ end: Conversation.End) -> HandOverOutcome {
    guard case .answered(let answer) = end else { return HandOverOutcome(end) }
    let json = answer.json
    if json["ok"] as? Bool == true {
      guard let ts = json["ts"] as? String, let channel = json["channel"] as? String else {
        return HandOverOutcome(.ok, "message ?")
      }
      return HandOverOutcome(.ok, "message \(ts)", id: id(channel, ts))
    }
    guard let error = json["error"] as? String else {
      guard 200..<300 ~= answer.status else { return HandOverOutcome(answer) }
      return HandOverOutcome(.failedPrecondition, "\(answer.status), but not as Slack answers: is that its address?")
    }
    let status = status(of: error)
    // A word that isn't known says less than HTTP does.
    guard status != .failedPrecondition || 200..<300 ~= answer.status else {
      return HandOverOutcome(answer, words: error)
    }
    return HandOverOutcome(status, error, retryAfter: answer.retryAfter)
  }

  private static func status(of error: String) -> Status {
    switch error {
    case "ratelimited", "rate_limited", "message_limit_exceeded": .resourceExhausted
    case "request_timeout", "service_unavailable", "team_added_to_org": .unavailable
    // Slack's own words for it: part of the work may have been done.
    case "fatal_error", "internal_error": .unknown
    default: .failedPrecondition
    }
  }
}
