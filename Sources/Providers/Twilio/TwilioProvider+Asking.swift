import Foundation
import Messages

/// Twilio is asked what it has, because it knows no key for repeats, and what became of it.
extension TwilioProvider {
  /// As many of the newest as are looked through: more than a person gets within seconds.
  static let listed = 20
  /// How far our clock may be ahead of Twilio's. Calls are listed without their words, so that fewer may be ours by their time.
  static let ahead = (message: Span.seconds(60), call: Span.seconds(2))

  /// By the number alone and not by `DateSent`: what still waits in a queue has not been sent, and would not be found.
  public func find(
    _ handOver: HandOver, since: Instant, texts: [String], then: @escaping @Sendable (HandOverOutcome) -> Void
  ) {
    guard let number = AddressForm.phoneNumber(handOver.destination) else {
      return then(HandOverOutcome(.failedPrecondition, "the address is no phone number"))
    }
    let isCall = handOver.channel == "voice"
    let from = AddressForm.phoneNumber(handOver.route.from) ?? handOver.route.from
    let wanted = texts.map { SMSText.fit($0, keeping: handOver.incidentId) }
    let query = [("To", number), ("PageSize", "\(Self.listed)")]
    ask(handOver, isCall ? "Calls.json" : "Messages.json", query) { answer in
      guard let list = answer[isCall ? "calls" : "messages"] as? [[String: Any]] else { return nil }
      let earliest = since - (isCall ? Self.ahead.call : Self.ahead.message)
      let found = list.filter { one in
        guard let created = (one["date_created"] as? String).flatMap(Self.date), earliest <= created else {
          return false
        }
        guard let sid = one["sid"] as? String, !handOver.knownIDs.contains(sid) else { return false }
        guard isCall else { return wanted.contains { (one["body"] as? String ?? "").contains($0) } }
        return one["from"] as? String == from
      }
      guard let one = found.first else {
        return HandOverOutcome(.notFound, "Twilio has no such \(isCall ? "call" : "message")")
      }
      guard !isCall || found.count == 1 else {
        return HandOverOutcome(.failedPrecondition, "\(found.count) calls may be meant")
      }
      return Self.progress(of: one)
    } then: {
      then($0)
    }
  }

  public func askReceipt(of id: String, _ handOver: HandOver, then: @escaping @Sendable (HandOverOutcome) -> Void) {
    ask(handOver, "\(id.hasPrefix("CA") ? "Calls" : "Messages")/\(id).json", []) {
      Self.progress(of: $0)
    } then: {
      then($0)
    }
  }

  /// - Parameter read: nil when it is no answer of Twilio's.
  private func ask(
    _ handOver: HandOver, _ resource: String, _ query: [(String, String)],
    read: @escaping @Sendable ([String: Any]) -> HandOverOutcome?, then: @escaping @Sendable (HandOverOutcome) -> Void
  ) {
    do {
      let secret = try SecretFile.text(handOver.route.secretFile)
      let (user, password) = Self.credentials(secret, handOver.route.account)
      let request = Conversation(
        asking: handOver.url(.twilio, "/2010-04-01/Accounts/\(handOver.route.account)/\(resource)"),
        query, headers: [Conversation.basic(user, password)], caFile: handOver.route.caFile)
      conversations.post(request) { end in
        guard case .answered(let answer) = end, 200..<300 ~= answer.status else {
          return then(HandOverOutcome(end).without(secrets: [secret, password]).asAnswer)
        }
        let outcome = read(answer.json) ?? HandOverOutcome(.failedPrecondition, "not as Twilio answers")
        then(outcome.without(secrets: [secret, password]))
      }
    } catch {
      then(HandOverOutcome(.failedPrecondition, "\(error)"))
    }
  }

  /// A message or call as Twilio describes it; nil when it is none.
  private static func progress(of one: [String: Any]) -> HandOverOutcome? {
    guard let sid = one["sid"] as? String, let status = one["status"] as? String else { return nil }
    let code = (one["error_code"] as? Int).map { ": \($0) \(one["error_message"] as? String ?? "")" } ?? ""
    let by = one["answered_by"] as? String ?? ""
    return HandOverOutcome(
      .ok, "\(sid) \(status)\(code)", id: sid, reached: TwilioStatus.reached(status, answeredBy: by))
  }

  /// "Tue, 24 Nov 2026 03:02:10 +0000" (RFC 2822); Twilio's are in UTC
  static func date(_ text: String) -> Instant? {
    let words = text.split(separator: " ")
    guard words.count == 6, words[5] == "+0000", let month = MonthNames.short.firstIndex(of: String(words[2])) else {
      return nil
    }
    let time = words[4].split(separator: ":").compactMap { Int32($0) }
    guard time.count == 3, let day = Int32(words[1]), let year = Int32(words[3]) else { return nil }
    var parts = tm()
    (parts.tm_year, parts.tm_mon, parts.tm_mday) = (year - 1_900, Int32(month), day)
    (parts.tm_hour, parts.tm_min, parts.tm_sec) = (time[0], time[1], time[2])
    return Instant(milliseconds: Int64(timegm(&parts)) * 1_000)
  }
}

extension HandOverOutcome {
  /// Of a question: what was not answered is not known, and nothing was handed over by asking.
  var asAnswer: HandOverOutcome {
    var outcome = self
    if outcome.status == .ok || outcome.status == .notFound { outcome.status = .unavailable }
    return outcome
  }
}
