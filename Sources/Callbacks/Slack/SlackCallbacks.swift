import Foundation
import Listening
import Messages

/// What Slack posts when somebody presses a button of a page. Slack wants an answer within three seconds and shows nothing of
/// it: what came of it follows by the address that came along.
enum SlackCallbacks {
  static func button(_ request: HTTPRequest, _ desk: CallbackDesk) async -> HTTPResponse {
    guard isSigned(request, by: await desk.currentSecrets(of: "slack"), desk) else {
      desk.log(
        "a request to \(request.path) is not signed by Slack, or is older than five minutes, or no route has a signing-file"
      )
      return .forbidden
    }
    let sent = Int64(request.header("x-slack-request-timestamp")) ?? 0
    guard await desk.presses.isFirst(request.header("x-slack-signature"), sent: sent, now: desk.seconds()) else {
      desk.log("a request to \(request.path) is a copy of one that Slack has sent before")
      return .forbidden
    }
    guard let press = Press(FormFields(urlEncoded: request.body)["payload"]) else { return HTTPResponse(400) }
    let signature = request.header("x-slack-signature")
    return await first(
      of: {
        let answer = await tell(press, desk)
        if answer.status == HTTPResponse.unavailable.status { await desk.presses.forget(signature) }
        return answer
      }, within: desk.slackWaits)
  }

  static func proof(of request: HTTPRequest, _ desk: CallbackDesk) -> HTTPListener.Proof {
    guard !request.header("x-slack-signature").isEmpty else { return .nothing }
    return isSigned(request, by: desk.knownSecrets(of: "slack"), desk) ? .signature : .unprovenSignature
  }

  private static func isSigned(_ request: HTTPRequest, by secrets: [String], _ desk: CallbackDesk) -> Bool {
    secrets.contains {
      SlackSignature.isValid(
        request.header("x-slack-signature"), timestamp: request.header("x-slack-request-timestamp"), body: request.body,
        secret: $0, now: desk.seconds())
    }
  }

  /// Slack shows its user an error when three seconds have passed: whatever still goes on is not waited for, and what comes of it is
  /// told as ever.
  private static func first(
    of answer: @escaping @Sendable () async -> HTTPResponse, within patience: Duration
  ) async -> HTTPResponse {
    let (answers, given) = AsyncStream<HTTPResponse>.makeStream(bufferingPolicy: .bufferingOldest(1))
    Task { given.yield(await answer()) }
    let waiting = Task {
      try? await Task.sleep(for: patience)
      given.yield(.empty)
    }
    defer { waiting.cancel() }
    return await answers.first { _ in true } ?? .empty
  }

  private static func tell(_ press: Press, _ desk: CallbackDesk) async -> HTTPResponse {
    let told = await desk.tell(.answer(AnswerGiven(channel: "slack", sender: press.user, token: press.token)))
    guard isSlacks(press.responseURL) else { return told == nil ? .unavailable : .empty }
    guard let told else {
      // Slack may have had its answer by now, and nobody may think that this was taken.
      desk.followUp(press.responseURL, "Your answer could not be taken now. Try again, or use tocsinctl.", false)
      return .unavailable
    }
    let words = SlackMarkup.escaped(told.words)
    let isAllAnswered = told.taken && !press.hasOtherPages
    desk.followUp(press.responseURL, isAllAnswered ? "\(press.text)\n\(words)" : words, isAllAnswered)
    return .empty
  }

  /// Nothing is posted anywhere else, whatever a request says: only to Slack, and to a server of this machine that stands for it. What
  /// counts is the host; an address with a user in it, or what could be read as one, is none.
  static func isSlacks(_ url: String) -> Bool {
    guard AddressForm.web.fits(url), let scheme = url.range(of: "://") else { return false }
    let place = url[scheme.upperBound...].prefix { !"/?#".contains($0) }
    guard url[..<scheme.lowerBound] == "http" else { return place == "hooks.slack.com" }
    let parts = place.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    return (parts[0] == "127.0.0.1" || parts[0] == "localhost") && (parts.count == 1 || UInt16(parts[1]) != nil)
  }

  /// The parts of `block_actions` that count.
  struct Press {
    let user: String
    let token: String
    let responseURL: String
    /// Of the message that the button stands below.
    let text: String
    /// Buttons of other pages stand below it too, and must stay.
    let hasOtherPages: Bool

    init?(_ payload: String) {
      guard let json = try? JSONSerialization.jsonObject(with: Data(payload.utf8)) as? [String: Any],
        json["type"] as? String == "block_actions", let user = (json["user"] as? [String: Any])?["id"] as? String,
        let actions = json["actions"] as? [[String: Any]], actions.count == 1,
        let token = actions[0]["value"] as? String
      else { return nil }
      self.user = user
      self.token = token
      responseURL = json["response_url"] as? String ?? ""
      let message = json["message"] as? [String: Any]
      text = message?["text"] as? String ?? ""
      let blocks = message?["blocks"] as? [[String: Any]] ?? []
      let buttons = blocks.flatMap { $0["elements"] as? [[String: Any]] ?? [] }.compactMap { $0["value"] as? String }
      hasOtherPages = buttons.contains { Self.page(of: $0) != Self.page(of: token) }
    }

    /// As a token names it; nothing is believed of it.
    private static func page(of token: String) -> Substring? {
      let parts = token.split(separator: ".", omittingEmptySubsequences: false)
      return parts.count == 5 ? parts[3] : nil
    }
  }
}
