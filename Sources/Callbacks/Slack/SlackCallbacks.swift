import Foundation
import Messages

/// What Slack posts when somebody presses a button of a page. Slack wants an answer within three seconds and shows nothing of
/// it: what came of it follows by the address that came along.
enum SlackCallbacks {
  static let answersWithin = Duration.milliseconds(2_500)

  static func button(_ request: CallbackRequest, _ desk: CallbackDesk) async -> CallbackResponse {
    let secrets = await desk.secrets("slack", "")
    let isValid = secrets.contains {
      SlackSignature.isValid(
        request.header("x-slack-signature"), timestamp: request.header("x-slack-request-timestamp"), body: request.body,
        secret: $0, now: desk.seconds())
    }
    guard isValid else {
      desk.log(
        "a request to \(request.path) is not signed by Slack, or is older than five minutes, or no route has a signing-file"
      )
      return .forbidden
    }
    guard let press = Press(FormFields(urlEncoded: request.body)["payload"]) else { return CallbackResponse(400) }
    let told = Task { await tell(press, desk) }
    return await withTaskGroup(of: CallbackResponse.self) { group in
      group.addTask { await told.value }
      group.addTask {
        try? await Task.sleep(for: answersWithin)
        return .empty
      }
      defer { group.cancelAll() }
      return await group.next() ?? .empty
    }
  }

  private static func tell(_ press: Press, _ desk: CallbackDesk) async -> CallbackResponse {
    guard let told = await desk.tell(.answer(AnswerGiven(channel: "slack", sender: press.user, token: press.token)))
    else { return .unavailable }
    guard isSlacks(press.responseURL) else { return .empty }
    let words = escaped(told.words)
    desk.followUp(press.responseURL, told.taken ? "\(press.text)\n\(words)" : words, told.taken)
    return .empty
  }

  /// Nothing is posted anywhere else, whatever a request says.
  private static func isSlacks(_ url: String) -> Bool {
    url.hasPrefix("https://hooks.slack.com/") || url.hasPrefix("http://127.0.0.1:")
      || url.hasPrefix("http://localhost:")
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
  }

  /// The parts of `block_actions` that count.
  struct Press {
    let user: String
    let token: String
    let responseURL: String
    /// Of the message that the button stands below.
    let text: String

    init?(_ payload: String) {
      guard let json = try? JSONSerialization.jsonObject(with: Data(payload.utf8)) as? [String: Any],
        json["type"] as? String == "block_actions", let user = (json["user"] as? [String: Any])?["id"] as? String,
        let actions = json["actions"] as? [[String: Any]], actions.count == 1,
        let token = actions[0]["value"] as? String
      else { return nil }
      self.user = user
      self.token = token
      responseURL = json["response_url"] as? String ?? ""
      text = (json["message"] as? [String: Any])?["text"] as? String ?? ""
    }
  }
}
