import Foundation
import Messages

/// ntfy keeps what was published for some hours, and shows it to whoever may read the topic: each line of a poll is one message.
extension NtfyProvider {
  static let ahead = Span.seconds(60)

  public func find(
    _ handOver: HandOver, since: Instant, texts: [String], then: @escaping @Sendable (HandOverOutcome) -> Void
  ) {
    do {
      let token = handOver.route.secretFile.isEmpty ? nil : try SecretFile.text(handOver.route.secretFile)
      let topic = Conversation.percentEncoded(handOver.destination)
      let query = [("poll", "1"), ("since", "\((since - Self.ahead).milliseconds / 1_000)")]
      let request = Conversation(
        asking: handOver.url(.ntfy, "/\(topic)/json"), query,
        headers: token.map { [Conversation.bearer($0)] } ?? [], caFile: handOver.route.caFile)
      let wanted = texts.map { text in
        var one = handOver
        one.text = text
        return Self.message(one)["message"] as? String ?? text
      }
      conversations.post(request) { end in
        guard case .answered(let answer) = end, 200..<300 ~= answer.status else {
          return then(Self.outcome(end).without(secrets: [token].compactMap { $0 }).asAnswer)
        }
        then(Self.found(wanted, besides: handOver.knownIDs, in: answer.body))
      }
    } catch {
      then(HandOverOutcome(.failedPrecondition, "\(error)"))
    }
  }

  static func found(_ wanted: [String], besides known: [String] = [], in body: String) -> HandOverOutcome {
    for line in body.split(separator: "\n") {
      guard let one = (try? JSONSerialization.jsonObject(with: Data(line.utf8))) as? [String: Any] else { continue }
      guard let id = one["id"] as? String, let message = one["message"] as? String, wanted.contains(message),
        !known.contains(id)
      else { continue }
      return HandOverOutcome(.ok, "message \(id)", id: id)
    }
    // What is longer was cut.
    guard body.utf8.count < Conversations.answerBytes - 8_192 else {
      return HandOverOutcome(.failedPrecondition, "the topic holds more than can be read")
    }
    return HandOverOutcome(.notFound, "ntfy has no such message")
  }
}
