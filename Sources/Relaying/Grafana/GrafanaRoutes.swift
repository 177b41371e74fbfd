import AlertSources
import Messages
import Serving

/// Grafana's webhook contact point, proven by its HMAC where the source has a secret for that.
extension Relay {
  func grafanaRoutes() -> [Route] {
    let words = AlertmanagerWords()
    // Ours, and GoAlert's for who comes from there.
    return ["/grafana", "/api/v2/grafana/incoming"].map { path in
      Route("POST", "PUT", at: path, bodyAtMost: 4 << 20, words: words) { [self] in takeGrafana($0, words, $1) }
    }
  }

  private func takeGrafana(_ asked: Asked, _ words: AlertmanagerWords, _ answer: @escaping Answering.Answer) {
    guard let integration = asked.integration else { return answer(words.stranger()) }
    if let secret = integration.signingSecret, !GrafanaSignature.isGood(asked.request, secret, at: WallClock.now()) {
      tally.strangers()
      return answer(.text(401, "the signature is missing, wrong or too old\n"))
    }
    do throws(SourceError) {
      let webhook = try GrafanaWebhook(
        reading: asked.request.body, source: integration.source, severities: integration.settings.severities)
      let wrong = complaint(webhook.wrong, of: integration.source, as: "grafana")
      leftOut(webhook.truncated, of: integration.source, as: "grafana")
      publish(webhook.events, of: integration, from: asked, as: "grafana", words: words, answer: answer) { _, _ in
        wrong.isEmpty ? WebAnswer(200) : words.invalid(wrong)
      }
    } catch {
      misunderstood(error.description, of: integration.source, as: "grafana")
      answer(words.invalid(error.description))
    }
  }
}
