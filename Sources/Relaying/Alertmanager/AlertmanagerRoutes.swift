import AlertSources
import Messages
import Serving

/// Alertmanager as a sender (its webhook), and in Alertmanager's place (what Prometheus posts to it).
extension Relay {
  /// A webhook of thousands of alerts, which one group may have.
  private static var bodyAtMost: Int { 16 * 1_024 * 1_024 }

  func alertmanagerRoutes() -> [Route] {
    let words = AlertmanagerWords()
    let webhook: Route.Handler = { [self] in takeWebhook($0, words, $1) }
    return [
      // Ours, and GoAlert's for who comes from there.
      Route("POST", at: "/alertmanager", bodyAtMost: Self.bodyAtMost, words: words, handle: webhook),
      Route(
        "POST", at: "/api/v2/prometheusalertmanager/incoming", bodyAtMost: Self.bodyAtMost, words: words,
        handle: webhook),
      Route("POST", at: "/api/v2/alerts", bodyAtMost: Self.bodyAtMost, words: words) { [self] in
        takePosted($0, words, $1)
      },
      // Which no Alertmanager has since 0.27: whoever still sends to it must hear that, and not that the path is wrong.
      Route(
        "GET", "POST", at: "/api/v1/alerts",
        refusing: .json(
          410,
          #"{"status":"error","errorType":"gone","error":"version 1 of this API is no more: send to /api/v2/alerts"}"#),
        words: words),
    ]
  }

  /// What is right is published although something else is wrong, and that is said then.
  private func takeWebhook(_ asked: Asked, _ words: AlertmanagerWords, _ answer: @escaping Answering.Answer) {
    guard let integration = asked.integration else { return answer(words.stranger()) }
    do throws(SourceError) {
      let webhook = try AlertmanagerWebhook(
        reading: asked.request.body, source: integration.source, severities: integration.settings.severities)
      let wrong = complaint(webhook.wrong, of: integration.source, as: "alertmanager")
      leftOut(webhook.truncated, of: integration.source, as: "alertmanager")
      publish(webhook.events, of: integration, from: asked, as: "alertmanager", words: words, answer: answer) { _, _ in
        wrong.isEmpty ? WebAnswer(200) : words.invalid(wrong)
      }
    } catch {
      misunderstood(error.description, of: integration.source, as: "alertmanager")
      answer(words.invalid(error.description))
    }
  }

  private func takePosted(_ asked: Asked, _ words: AlertmanagerWords, _ answer: @escaping Answering.Answer) {
    guard let integration = asked.integration else { return answer(words.stranger()) }
    do throws(SourceError) {
      let posted = try PostedAlerts(
        reading: asked.request.body, source: integration.source, severities: integration.settings.severities,
        at: WallClock.now())
      let wrong = complaint(posted.wrong, of: integration.source, as: "prometheus")
      publish(posted.events, of: integration, from: asked, as: "prometheus", words: words, answer: answer) { _, _ in
        wrong.isEmpty ? WebAnswer(200) : words.invalid(wrong)
      }
    } catch {
      misunderstood(error.description, of: integration.source, as: "prometheus")
      answer(words.invalid(error.description))
    }
  }

  /// What is wrong with alerts that were left out, in words; empty when none was.
  func complaint(_ wrong: [SourceError], of source: String, as format: String) -> String {
    let words = wrong.prefix(20).map(\.description).joined(separator: "; ")
    if !words.isEmpty { misunderstood(words, of: source, as: format) }
    return words
  }
}
