import AlertSources
import JSON
import Messages
import Serving

/// Our own form, for scripts: events as JSON, and heartbeats by name.
extension Relay {
  func plainRoutes() -> [Route] {
    let words = PlainWords()
    return [
      Route("POST", at: "/events", bodyAtMost: 4 << 20, words: words) { [self] in takePlain($0, words, $1) },
      Route("POST", at: "/heartbeats/*", bodyAtMost: 64 * 1_024, words: words) { [self] asked, answer in
        guard let integration = asked.integration else { return answer(words.stranger()) }
        beat(asked.wild[0], of: integration, words: words, answer: answer) { WebAnswer(204) }
      },
    ]
  }

  private func takePlain(_ asked: Asked, _ words: PlainWords, _ answer: @escaping Answering.Answer) {
    guard let integration = asked.integration else { return answer(words.stranger()) }
    do throws(SourceError) {
      let read = try PlainEvents(
        reading: asked.request.body, isLines: asked.request.head.mediaType.contains("ndjson"),
        source: integration.source, severities: integration.settings.severities)
      let wrong = read.wrong.map(\.description)
      _ = complaint(read.wrong, of: integration.source, as: "plain")
      publish(
        read.events, of: integration, from: asked, as: "plain", words: words, answer: answer,
        never: { published in
          guard read.events.count + wrong.count > 1 else { return nil }
          let refused = zip(read.places, published).compactMap { place, one in
            one.refusal.map { "\(place): \($0.field.isEmpty ? "" : "\($0.field): ")\($0.message)" }
          }
          return Self.told(published.compactMap(\.reply), wrong: wrong + refused)
        }
      ) { _, replies in Self.told(replies, wrong: wrong) }
    } catch {
      misunderstood(error.description, of: integration.source, as: "plain")
      answer(words.invalid(error.description))
    }
  }

  private static var wrongAtMost: Int { 100 }

  /// Those that are on disk, and what was wrong with others: not 2xx then, and to send the whole again doesn't help.
  private static func told(_ replies: [PublishReply], wrong: [String]) -> WebAnswer {
    let events = replies.map {
      #"{"alert_id":\#(JSONText.quoted($0.alertId)),"disposition":"\#($0.disposition)","count":\#($0.count)}"#
    }
    let taken = #""events":[\#(events.joined(separator: ","))]"#
    guard !wrong.isEmpty else { return .json(200, "{\(taken)}\n") }
    let more = wrong.count > wrongAtMost ? ["and \(wrong.count - wrongAtMost) more"] : []
    let told = (wrong.prefix(wrongAtMost) + more).map { JSONText.quoted($0) }
    return .json(400, #"{\#(taken),"wrong":[\#(told.joined(separator: ","))]}"# + "\n")
  }

  /// A source that must report has.
  func beat(
    _ name: String, of integration: Integration, words: any AnswerWords, answer: @escaping Answering.Answer,
    taken: @escaping @Sendable () -> WebAnswer
  ) {
    // A heartbeat bears no signature.
    guard isProven(integration, as: "heartbeat") else { return answer(words.stranger()) }
    guard let publisher = integrations.publisher(of: integration) else {
      return answer(words.later("this source has no connection to alert-intake", after: 2, isThrottle: false))
    }
    let began = Tally.now()
    publisher.beat(name) { [self] refusal in
      tally.beaten(of: integration.source, refusal, since: began)
      guard let refusal else { return answer(taken()) }
      switch refusal.status {
      // Names that configuration doesn't have, or has for somebody else.
      case .notFound, .permissionDenied: answer(words.refused(404, refusal.message))
      case .invalidArgument: answer(words.invalid(refusal.message))
      default: answer(words.later(refusal.message, after: refusal.secondsToWait, isThrottle: refusal.isThrottle))
      }
    }
  }
}
