import Foundation
import Messages

/// Slack is asked whether a message has arrived: each carries the page's id as metadata, where people don't see it.
///
/// That needs the scopes `channels:history`, `groups:history` and `im:history`, and for a person `im:write`; where a bot lacks them, and
/// for a channel that the route knows by its name only, Slack can't be asked and the message is sent again, marked.
extension SlackProvider {
  static let eventType = "tocsin_page"
  static let ahead = Span.seconds(60)
  /// Messages that are asked for at once: as many as Slack gives any app.
  static let perQuestion = 15
  /// Fifteen messages of 4,000 characters with buttons, which Slack tells twice (text and blocks), each beyond ASCII as "\u00e9".
  static let answerBytes = 768 * 1_024
  /// No further question is begun after this: the page is sent again when five seconds have passed.
  static let asksFor = Duration.seconds(3)

  static func metadata(_ handOver: HandOver) -> [String: Any] {
    ["event_type": eventType, "event_payload": ["page": handOver.id]]
  }

  /// A reply is in its thread and in no list of its channel. Where it isn't there, it may have gone outside of one: before the thread's
  /// head was known, or because somebody had deleted that.
  public func find(
    _ handOver: HandOver, since: Instant, texts: [String], then: @escaping @Sendable (HandOverOutcome) -> Void
  ) {
    if let head = Self.place(of: handOver.headID) {
      let began = ContinuousClock.now
      return find(handOver, in: head.channel, thread: head.ts, since: since, began: began) { [self] outcome in
        guard outcome.status == .notFound || Self.threadIsGone.contains(outcome.words) else { return then(outcome) }
        find(handOver, in: head.channel, since: since, began: began, then: then)
      }
    }
    let place = handOver.destination
    guard !place.hasPrefix("U"), !place.hasPrefix("W") else {
      return ask(handOver, "conversations.open", [("users", place)]) { [self] opened in
        guard case .success(let json) = opened, let channel = (json["channel"] as? [String: Any])?["id"] as? String
        else { return then(Self.unanswered(opened)) }
        find(handOver, in: channel, since: since, then: then)
      }
    }
    guard !place.hasPrefix("#") else {
      return then(HandOverOutcome(.failedPrecondition, "Slack finds messages by a channel's ID, not by its name"))
    }
    find(handOver, in: place, since: since, then: then)
  }

  /// A storm has filled the channel since: as many answers are read as there is time for, of a channel the newest messages first, of a
  /// thread its head and then the oldest.
  ///
  /// - Parameter thread: the head's time; nil: what stands in no thread.
  private func find(
    _ handOver: HandOver, in channel: String, thread: String? = nil, since: Instant, from cursor: String = "",
    began: ContinuousClock.Instant = .now, then: @escaping @Sendable (HandOverOutcome) -> Void
  ) {
    let oldest = "\((since - Self.ahead).milliseconds / 1_000).000000"
    var query = [
      ("channel", channel), ("oldest", oldest), ("limit", "\(Self.perQuestion)"), ("include_all_metadata", "true"),
    ]
    if let thread { query.append(("ts", thread)) }
    if !cursor.isEmpty { query.append(("cursor", cursor)) }
    ask(handOver, thread == nil ? "conversations.history" : "conversations.replies", query) { [self] listed in
      guard case .success(let json) = listed, let messages = json["messages"] as? [[String: Any]] else {
        return then(Self.unanswered(listed))
      }
      let found = messages.first { message in
        let metadata = message["metadata"] as? [String: Any]
        let payload = metadata?["event_payload"] as? [String: Any]
        let id = Self.id(channel, message["ts"] as? String ?? "")
        return metadata?["event_type"] as? String == Self.eventType && payload?["page"] as? String == handOver.id
          && !handOver.knownIDs.contains(id)
      }
      guard let ts = found?["ts"] as? String else {
        guard json["has_more"] as? Bool == true else {
          return then(HandOverOutcome(.notFound, "Slack has no such message"))
        }
        guard let next = (json["response_metadata"] as? [String: Any])?["next_cursor"] as? String, !next.isEmpty,
          next != cursor, began.duration(to: .now) < Self.asksFor
        else { return then(HandOverOutcome(.failedPrecondition, "Slack has more messages than could be looked at")) }
        return find(handOver, in: channel, thread: thread, since: since, from: next, began: began, then: then)
      }
      then(HandOverOutcome(.ok, "message \(ts)", id: Self.id(channel, ts)))
    }
  }

  private func ask(
    _ handOver: HandOver, _ method: String, _ query: [(String, String)],
    then: @escaping @Sendable (Result<[String: Any], HandOverOutcome>) -> Void
  ) {
    do {
      let token = try SecretFile.text(handOver.route.secretFile)
      var request = Conversation(
        url: handOver.url(.slack, "/api/\(method)"), form: query, headers: [Conversation.bearer(token)],
        caFile: handOver.route.caFile)
      request.timeout = Conversation.questionTimeout
      request.answerBytesAtMost = Self.answerBytes
      conversations.post(request) { end in
        if case .answered(let answer) = end, answer.json["ok"] as? Bool == true { return then(.success(answer.json)) }
        then(.failure(Self.outcome(end).without(secrets: [token]).asAnswer))
      }
    } catch {
      then(.failure(HandOverOutcome(.failedPrecondition, "\(error)")))
    }
  }

  private static func unanswered(_ result: Result<[String: Any], HandOverOutcome>) -> HandOverOutcome {
    if case .failure(let outcome) = result { return outcome }
    return HandOverOutcome(.failedPrecondition, "not as Slack answers")
  }

  /// What names a message at Slack: its channel and its time.
  static func id(_ channel: String, _ ts: String) -> String { "\(channel)/\(ts)" }
}

extension HandOverOutcome: Error {}
