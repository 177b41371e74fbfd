import Messages

/// One thread an incident in a team channel: the first post is its head, later ones are its replies, and the head shows how the
/// incident stands for whoever doesn't open the thread.
extension SlackProvider {
  /// "C024BE7LR/1503435956.000247": nil when it is no message of Slack's.
  static func place(of id: String) -> (channel: String, ts: String)? {
    let parts = id.split(separator: "/")
    guard parts.count == 2, let kind = parts[0].first, "CGD".contains(kind) else { return nil }
    return (String(parts[0]), String(parts[1]))
  }

  static let threadIsGone: Set<String> = ["invalid_thread_ts", "thread_not_found", "message_not_found"]

  /// The head says the newest reply's first line. Nobody depends on it: the reply itself has arrived, so that a head that can't be
  /// changed stays as it is.
  func updateHead(of handOver: HandOver, _ token: String) {
    guard let head = Self.place(of: handOver.headID) else { return }
    var message = SlackText.message("\(handOver.headText)\nNow: \(handOver.title)", keeping: handOver.incidentId)
    message["channel"] = head.channel
    message["ts"] = head.ts
    guard
      let request = try? Conversation(
        url: handOver.url(.slack, "/api/chat.update"), json: message,
        headers: [Conversation.bearer(token)], caFile: handOver.route.caFile)
    else { return }
    conversations.post(request) { _ in }
  }
}
