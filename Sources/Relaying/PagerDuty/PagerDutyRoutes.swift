import AlertSources
import JSON
import Messages
import Serving

/// PagerDuty's Events API, version 2 and 1: what its clients are pointed at instead.
extension Relay {
  /// The API's own bound is 512 KB.
  private static var bodyAtMost: Int { 512 * 1_024 }

  func pagerDutyRoutes() -> [Route] {
    let (second, first) = (PagerDutyWords(), PagerDutyWords(isFirst: true))
    return [
      Route("POST", at: "/v2/enqueue", proof: .own, bodyAtMost: Self.bodyAtMost, words: second) { [self] in
        take($0, as: .events, second, $1) { key in
          .json(202, #"{"status":"success","message":"Event processed","dedup_key":\#(JSONText.quoted(key))}"#)
        }
      },
      Route("POST", at: "/v2/change/enqueue", proof: .own, bodyAtMost: Self.bodyAtMost, words: second) { [self] in
        take($0, as: .change, second, $1) { _ in
          .json(202, #"{"status":"success","message":"Change event processed"}"#)
        }
      },
      Route(
        "POST", at: "/generic/2010-04-15/create_event.json", proof: .own, bodyAtMost: Self.bodyAtMost, words: first
      ) { [self] in
        take($0, as: .version1, first, $1) { key in
          .json(200, #"{"status":"success","message":"Event processed","incident_key":\#(JSONText.quoted(key))}"#)
        }
      },
    ]
  }

  private func take(
    _ asked: Asked, as form: PagerDutyEvent.Form, _ words: PagerDutyWords, _ answer: @escaping Answering.Answer,
    taken: @escaping @Sendable (_ key: String) -> WebAnswer
  ) {
    let unread: PagerDutyEvent.Unread
    do throws(SourceError) {
      unread = try PagerDutyEvent.keyed(asked.request.body, as: form)
    } catch {
      misunderstood(error.description, of: "", as: "pagerduty")
      return answer(error.at == "payload" ? words.unreadable(error.found) : words.invalid(error.description))
    }
    guard let integration = integrations.named(by: unread.integrationKey) else {
      tally.strangers()
      return answer(words.stranger())
    }
    do throws(SourceError) {
      let read = try PagerDutyEvent(
        unread, source: integration.source, severities: integration.settings.severities)
      publish([read.event], of: integration, from: asked, as: "pagerduty", words: words, answer: answer) { events, _ in
        taken(read.dedupKey.isEmpty ? events[0].dedupKey : read.dedupKey)
      }
    } catch {
      misunderstood(error.description, of: integration.source, as: "pagerduty")
      answer(words.invalid(error.description))
    }
  }
}
