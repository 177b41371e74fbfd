import Foundation
import Messages

/// Push by Pushover: the application's token in the secret file, a user or group key a person.
///
/// A SEV-1/2 passes by the phone's quiet hours. Pushover's emergency messages, which it repeats by itself, are not used: they would
/// go on when somebody else has answered, and Tocsin repeats and goes on to others by its own clocks.
public final class PushoverProvider: Provider {
  /// Unicode characters.
  static let messageCharacters = 1_024
  static let titleCharacters = 250
  /// Of a message, after which Pushover also takes it off the phone where it has come: what is read when somebody looks stays for a day, and
  /// says by its timestamp how old it is. Pushover has no limit for what hasn't come yet, as a text message has (`TwilioProvider.validSeconds`).
  static let keptSeconds = 86_400
  private let conversations: Conversations

  public init(_ conversations: Conversations) {
    self.conversations = conversations
  }

  public func deliver(_ handOver: HandOver, then: @escaping @Sendable (HandOverOutcome) -> Void) {
    do {
      let token = try SecretFile.text(handOver.route.secretFile)
      let request = Conversation(
        url: handOver.url(.pushover, "/1/messages.json"), form: Self.form(handOver, token),
        caFile: handOver.route.caFile)
      conversations.post(request) { then(Self.outcome($0, at: Date().timeIntervalSince1970).without(secrets: [token])) }
    } catch {
      then(HandOverOutcome(.failedPrecondition, "\(error)"))
    }
  }

  static func form(_ handOver: HandOver, _ token: String) -> [(String, String)] {
    var form = [
      ("token", token), ("user", handOver.destination), ("priority", "\(priority(handOver.severity))"),
      ("timestamp", "\(handOver.at.milliseconds / 1_000)"), ("ttl", "\(keptSeconds)"),
      ("title", FittedText.cut(handOver.title, to: titleCharacters, keeping: "") { $0.unicodeScalars.count }),
      (
        "message",
        FittedText.cut(handOver.text, to: messageCharacters, keeping: handOver.incidentId) { $0.unicodeScalars.count }
      ),
    ]
    if !handOver.link.isEmpty, handOver.link.count <= 512 {
      form += [("url", handOver.link), ("url_title", "Runbook")]
    }
    return form
  }

  /// 1 passes by the phone's quiet hours; -1 makes no sound.
  private static func priority(_ severity: Severity) -> Int {
    switch severity {
    case .sev1, .sev2: 1
    case .sev3, .unspecified: 0
    case .sev4: -1
    }
  }

  /// `{"status":1,"request":"…","receipt":"…"}`, or `{"status":0,"errors":[…],…}`. 429 means that the month's messages are used
  /// up; the headers say until when.
  static func outcome(_ end: Conversation.End, at now: Double) -> HandOverOutcome {
    guard case .answered(let answer) = end else { return HandOverOutcome(end) }
    let json = answer.json
    guard !(200..<300 ~= answer.status) else {
      guard json["status"] as? Int == 1 else {
        return HandOverOutcome(
          .failedPrecondition, "\(answer.status), but not as Pushover answers: is that its address?")
      }
      let left = answer.headers["x-limit-app-remaining"].map { ", \($0) of the month's messages left" } ?? ""
      let request = json["request"] as? String
      var outcome = HandOverOutcome(answer, words: "request \(request ?? "?")\(left)")
      outcome.id = request ?? ""
      return outcome
    }
    var answered = answer
    if answer.status == 429, answer.retryAfter == nil,
      let reset = answer.headers["x-limit-app-reset"].flatMap(Double.init)
    {
      answered.retryAfter = .seconds(Int64(min(max(1, reset - now), 86_400 * 31)))
    }
    let errors = json["errors"] as? [String]
    return HandOverOutcome(answered, words: errors?.joined(separator: ", "))
  }
}
