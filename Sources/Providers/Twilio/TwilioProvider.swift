import Messages

/// SMS and calls by Twilio's REST API, or by a service that speaks it. The channel says which: a route carries one channel, so one
/// provider's name is enough, and account, number and secret are written the same way for both.
///
/// The secret file holds the account's token, or an API key as `SK…:secret`. Twilio knows no key for repeats: what it may have
/// taken without an answer is looked up in its list, and sent once more, marked as a possible repeat, where it isn't there.
public final class TwilioProvider: Provider {
  /// A text that waits longer in a queue is not sent any more: by then the page is with somebody else.
  static let validSeconds = 600
  /// Before the mailbox takes most calls.
  static let ringSeconds = 40
  let conversations: Conversations

  public init(_ conversations: Conversations) {
    self.conversations = conversations
  }

  public func deliver(_ handOver: HandOver, then: @escaping @Sendable (HandOverOutcome) -> Void) {
    do {
      guard let number = AddressForm.phoneNumber(handOver.destination) else {
        throw ProviderFailure("the address is no phone number with + and the country's code")
      }
      let secret = try SecretFile.text(handOver.route.secretFile)
      let (user, password) = Self.credentials(secret, handOver.route.account)
      let isCall = handOver.channel == "voice"
      let request = Conversation(
        url: handOver.url(
          .twilio,
          "/2010-04-01/Accounts/\(handOver.route.account)/\(isCall ? "Calls" : "Messages").json"),
        form: isCall ? Self.call(handOver, to: number) : Self.message(handOver, to: number),
        headers: [Conversation.basic(user, password)], caFile: handOver.route.caFile)
      conversations.post(request) { then(Self.outcome($0).without(secrets: [secret, password])) }
    } catch {
      then(HandOverOutcome(.failedPrecondition, "\(error)"))
    }
  }

  /// Whether a secret is an API key, by which requests log in; what Twilio posts is signed with the account's token alone.
  public static func isAPIKey(_ secret: String) -> Bool { secret.contains(":") }

  static func credentials(_ secret: String, _ account: String) -> (user: String, password: String) {
    guard let colon = secret.firstIndex(of: ":") else { return (account, secret) }
    return (String(secret[..<colon]), String(secret[secret.index(after: colon)...]))
  }

  static func message(_ handOver: HandOver, to number: String) -> [(String, String)] {
    let from = handOver.route.from
    let isService = from.hasPrefix("MG") && from.count == 34
    return [
      ("To", number), (isService ? "MessagingServiceSid" : "From", AddressForm.phoneNumber(from) ?? from),
      ("Body", SMSText.fit(handOver.text, keeping: handOver.incidentId)), ("ValidityPeriod", "\(validSeconds)"),
    ] + statusCallback(handOver)
  }

  static func call(_ handOver: HandOver, to number: String) -> [(String, String)] {
    [
      ("To", number), ("From", AddressForm.phoneNumber(handOver.route.from) ?? handOver.route.from),
      ("Twiml", SpokenPage.twiml(handOver.text, keys: handOver.answers?.keys)), ("Timeout", "\(ringSeconds)"),
    ] + statusCallback(handOver)
  }

  /// Where Twilio says how far it came: the delivery and its attempt stand in the address, and Twilio signs that.
  private static func statusCallback(_ handOver: HandOver) -> [(String, String)] {
    guard !handOver.callbackURL.isEmpty else { return [] }
    let delivery = Conversation.percentEncoded(handOver.delivery)
    return [
      ("StatusCallback", "\(handOver.callbackURL)/twilio/status?delivery=\(delivery)&attempt=\(handOver.attempt)")
    ]
  }

  /// `{"sid":"SM…","status":"queued",…}`, or `{"code":21211,"message":"…","status":400,…}`.
  static func outcome(_ end: Conversation.End) -> HandOverOutcome {
    guard case .answered(let answer) = end else { return HandOverOutcome(end) }
    let json = answer.json
    if 200..<300 ~= answer.status {
      guard let sid = json["sid"] as? String else {
        return HandOverOutcome(.failedPrecondition, "\(answer.status), but not as Twilio answers: is that its address?")
      }
      let state = json["status"] as? String ?? "?"
      guard !["failed", "undelivered", "canceled"].contains(state) else {
        let code = json["error_code"] as? Int ?? 0
        return HandOverOutcome(status(of: code), "\(sid) \(state): \(code) \(json["error_message"] as? String ?? "")")
      }
      var outcome = HandOverOutcome(answer, words: "\(sid) \(state)")
      outcome.id = sid
      return outcome
    }
    guard let code = json["code"] as? Int else { return HandOverOutcome(answer) }
    var outcome = HandOverOutcome(answer, words: "\(code) \(json["message"] as? String ?? "")")
    if outcome.status == .failedPrecondition { outcome.status = status(of: code) }
    outcome.retryAfter = answer.retryAfter
    return outcome
  }

  /// What Twilio's code means where HTTP's says no more than that the request was refused: no room just now, or never. A number
  /// that is none (21211), can't take texts (21614) or said STOP (21610), a sender that isn't ours (21606), an account or key that
  /// isn't valid (20003): all that stays so.
  private static func status(of code: Int) -> Status {
    switch code {
    // Too many requests; a sender's, a queue's, an account's rate.
    case 20429, 14107, 21611, 30001, 30022, 63017, 63018: .resourceExhausted
    // "Unknown error", "internal error", "service unavailable".
    case 20500, 20503, 30008: .unavailable
    default: .failedPrecondition
    }
  }
}
