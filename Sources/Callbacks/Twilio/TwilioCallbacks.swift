import Listening
import Messages

/// What Twilio posts when somebody answers a page, by a text message or a key in a call, and when it knows how far one came.
enum TwilioCallbacks {
  static func text(_ request: HTTPRequest, _ desk: CallbackDesk) async -> HTTPResponse {
    guard let fields = await verified(request, desk) else { return .forbidden }
    guard
      let told = await desk.tell(
        .answer(AnswerGiven(channel: "sms", sender: fields["From"], text: String(fields["Body"].prefix(1_600)))))
    else { return .unavailable }
    return twiml(told.words.isEmpty ? "" : "<Message>\(XMLText.escaped(told.words))</Message>")
  }

  static func keys(_ request: HTTPRequest, _ desk: CallbackDesk) async -> HTTPResponse {
    guard let fields = await verified(request, desk) else { return .forbidden }
    // We call: the person is at the other end of it.
    let given = AnswerGiven(
      channel: "voice", sender: fields["To"], token: request.query["page"], text: String(fields["Digits"].prefix(8)))
    guard let told = await desk.tell(.answer(given)) else { return .unavailable }
    let said = "<Say>\(XMLText.escaped(told.words))</Say>"
    guard !told.taken else { return twiml(said) }
    // Another key, if this one was none.
    let action = XMLText.escaped(desk.url + request.target)
    return twiml("<Gather numDigits=\"1\" action=\"\(action)\" method=\"POST\" timeout=\"10\">\(said)</Gather>")
  }

  /// A text or call is on its way, has arrived, or can't be delivered. These come in any order, and twice: the rules know that.
  static func status(_ request: HTTPRequest, _ desk: CallbackDesk) async -> HTTPResponse {
    guard let fields = await verified(request, desk) else { return .forbidden }
    let place = request.query["delivery"]
    guard let mark = place.lastIndex(of: "#"), let delivery = UInt32(place[place.index(after: mark)...]),
      let attempt = UInt32(request.query["attempt"].isEmpty ? "0" : request.query["attempt"])
    else { return .notFound }
    let isCall = !fields["CallSid"].isEmpty
    let word = fields[isCall ? "CallStatus" : "MessageStatus"]
    let reached = TwilioStatus.reached(word, answeredBy: fields["AnsweredBy"])
    // That it is queued is known from the answer.
    guard reached != .unspecified else { return .empty }
    let id = fields[isCall ? "CallSid" : "MessageSid"]
    let code = fields["ErrorCode"].isEmpty ? "" : ": \(fields["ErrorCode"])"
    let report = DeliveryReported(
      pageId: String(place[..<mark]), delivery: delivery, providerId: id, state: reached,
      words: "\(id) \(word)\(code)", attempt: attempt)
    return await desk.tell(.reported(report)) == nil ? .unavailable : .empty
  }

  /// The fields, if Twilio has signed them for this address; nil: somebody else has sent them.
  static func verified(_ request: HTTPRequest, _ desk: CallbackDesk) async -> FormFields? {
    let fields = FormFields(urlEncoded: request.body)
    guard isSigned(request, fields, by: await desk.currentSecrets(of: "twilio", fields["AccountSid"]), desk) else {
      desk.log(
        "a request to \(request.path) is not signed by Twilio for \(desk.url), or no route has its account")
      return nil
    }
    return fields
  }

  static func proof(of request: HTTPRequest, _ desk: CallbackDesk) -> HTTPListener.Proof {
    guard !request.header("x-twilio-signature").isEmpty else { return .nothing }
    let fields = FormFields(urlEncoded: request.body)
    let tokens = desk.knownSecrets(of: "twilio")
    return isSigned(request, fields, by: tokens, desk) ? .signature : .unprovenSignature
  }

  private static func isSigned(
    _ request: HTTPRequest, _ fields: FormFields, by tokens: [String], _ desk: CallbackDesk
  ) -> Bool {
    tokens.contains {
      TwilioSignature.isValid(
        request.header("x-twilio-signature"), url: desk.url + request.target, fields: fields, token: $0)
    }
  }

  private static func twiml(_ content: String) -> HTTPResponse {
    HTTPResponse(200, "text/xml", "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response>\(content)</Response>")
  }
}
