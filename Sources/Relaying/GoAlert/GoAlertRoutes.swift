import AlertSources
import Dispatch
import JSON
import Messages
import Serving

/// GoAlert's generic integration and its heartbeats.
extension Relay {
  /// For whoever tries keys in an address.
  private static var strangersWait: DispatchTimeInterval { .seconds(1) }

  func goAlertRoutes() -> [Route] {
    let words = PlainWords()
    return [
      Route("POST", at: "/api/v2/generic/incoming", bodyAtMost: 256 * 1_024, words: words) { [self] in
        takeGeneric($0, words, $1)
      },
      Route("POST", "GET", at: "/api/v2/heartbeat/*", proof: .own, bodyAtMost: 64 * 1_024, words: words) {
        [self] asked, answer in
        guard let integration = integrations.named(by: asked.wild[0]) else {
          tally.strangers()
          DispatchQueue.global().asyncAfter(deadline: .now() + Self.strangersWait) { answer(.text(404, "not found\n")) }
          return
        }
        beat(integration.source, of: integration, words: words, answer: answer) { WebAnswer(200) }
      },
    ]
  }

  private func takeGeneric(_ asked: Asked, _ words: PlainWords, _ answer: @escaping Answering.Answer) {
    guard let integration = asked.integration else { return answer(words.stranger()) }
    let head = asked.request.head
    do throws(SourceError) {
      let read: GoAlertEvent
      if head.mediaType == "application/json" {
        read = try GoAlertEvent(
          reading: asked.request.body, source: integration.source, severities: integration.settings.severities)
      } else {
        read = try GoAlertEvent(
          fields: FormFields(urlEncoded: asked.request.body).all + FormFields(urlEncoded: head.query.utf8).all,
          source: integration.source, severities: integration.settings.severities)
      }
      let wantsJSON = head.header("accept").contains("application/json")
      publish([read.event], of: integration, from: asked, as: "goalert", words: words, answer: answer) { _, replies in
        guard wantsJSON, let reply = replies.first else { return WebAnswer(204) }
        let number = reply.alertId.split(separator: "-").last.flatMap { UInt64($0, radix: 36) } ?? 0
        return .json(
          200,
          #"{"AlertID":\#(number),"ServiceID":\#(JSONText.quoted(integration.source)),"IsNew":\#(reply.disposition == .opened)}"#
        )
      }
    } catch {
      misunderstood(error.description, of: integration.source, as: "goalert")
      answer(words.invalid(error.description))
    }
  }
}
