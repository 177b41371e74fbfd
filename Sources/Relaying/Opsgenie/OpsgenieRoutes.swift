import AlertSources
import Messages
import Serving

/// Opsgenie's Alert API, as far as sources use it: create, acknowledge, close, and pings of heartbeats.
extension Relay {
  func opsgenieRoutes() -> [Route] {
    let words = OpsgenieWords()
    var routes = [
      Route("POST", at: "/v2/alerts", bodyAtMost: 256 * 1_024, words: words) { [self] in createAlert($0, words, $1) },
      Route("GET", at: "/v2/alerts/requests/*", bodyAtMost: 0, words: words) { $1(words.done($0.wild[0])) },
      Route("GET", "POST", "PUT", "PATCH", at: "/v2/heartbeats/*/ping", bodyAtMost: 64 * 1_024, words: words) {
        [self] asked, answer in
        guard let integration = asked.integration else { return answer(words.stranger()) }
        beat(asked.wild[0], of: integration, words: words, answer: answer) {
          words.accepted(asked.wild[0], result: "PONG - Heartbeat received")
        }
      },
    ]
    for (path, action) in [("close", Action.resolve), ("acknowledge", .acknowledge)] {
      routes.append(
        Route("POST", at: "/v2/alerts/*/\(path)", bodyAtMost: 256 * 1_024, words: words) { [self] asked, answer in
          guard let integration = asked.integration else { return answer(words.stranger()) }
          let event = OpsgenieAlert.event(action, asked.wild[0], source: integration.source)
          publish([event], of: integration, from: asked, as: "opsgenie", words: words, answer: answer) { _, _ in
            words.accepted(event.dedupKey)
          }
        })
    }
    // Said, and not swallowed: people do these in Tocsin itself.
    routes.append(
      Route("POST", "PUT", "PATCH", "DELETE", at: "/v2/alerts/*/*", bodyAtMost: 256 * 1_024, words: words) {
        $1(
          words.complaint(422, "\($0.wild[1]) is nothing that a source may do here: only create, acknowledge and close")
        )
      })
    return routes
  }

  private func createAlert(_ asked: Asked, _ words: OpsgenieWords, _ answer: @escaping Answering.Answer) {
    guard let integration = asked.integration else { return answer(words.stranger()) }
    do throws(SourceError) {
      let read = try OpsgenieAlert(
        reading: asked.request.body, source: integration.source, severities: integration.settings.severities)
      publish([read.event], of: integration, from: asked, as: "opsgenie", words: words, answer: answer) { events, _ in
        words.accepted(events[0].dedupKey)
      }
    } catch {
      misunderstood(error.description, of: integration.source, as: "opsgenie")
      answer(words.invalid(error.description))
    }
  }
}
