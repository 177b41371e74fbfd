import Messages

/// Push by ntfy, ntfy.sh or a server of one's own: a topic a person, published as JSON.
///
/// A token in the secret file is sent as a bearer's. A severity becomes ntfy's priority: 5 and 4 ring whatever the phone is
/// set to, as far as its owner allows that. Tapping opens the runbook where that has a web address.
public final class NtfyProvider: Provider {
  /// Longer messages become attachments, which nobody opens at night.
  static let messageBytes = 4_096
  let conversations: Conversations

  public init(_ conversations: Conversations) {
    self.conversations = conversations
  }

  public func deliver(_ handOver: HandOver, then: @escaping @Sendable (HandOverOutcome) -> Void) {
    do {
      let token = handOver.route.secretFile.isEmpty ? nil : try SecretFile.text(handOver.route.secretFile)
      let request = try Conversation(
        url: handOver.url(.ntfy, "/"), json: Self.message(handOver),
        headers: token.map { [Conversation.bearer($0)] } ?? [], caFile: handOver.route.caFile)
      conversations.post(request) { then(Self.outcome($0).without(secrets: [token].compactMap { $0 })) }
    } catch {
      then(HandOverOutcome(.failedPrecondition, "\(error)"))
    }
  }

  static func message(_ handOver: HandOver) -> [String: Any] {
    var fields: [String: Any] = [
      "topic": handOver.destination,
      "title": FittedText.cut(handOver.title, to: 250, keeping: "") { _ in 1 },
      "message": FittedText.cut(handOver.text, to: messageBytes, keeping: handOver.incidentId) { $0.utf8.count },
      "priority": priority(handOver.severity), "tags": tags(handOver.severity),
    ]
    if !handOver.link.isEmpty { fields["click"] = handOver.link }
    if let answers = handOver.answers {
      // As many as ntfy shows. The press is the answer: nothing else on the phone sends it by itself.
      fields["actions"] = answers.choices.prefix(3).map {
        ["action": "http", "label": $0.label, "url": $0.link, "method": "POST", "clear": true] as [String: Any]
      }
    }
    return fields
  }

  private static func priority(_ severity: Severity) -> Int {
    switch severity {
    case .sev1: 5
    case .sev2: 4
    case .sev3, .unspecified: 3
    case .sev4: 2
    }
  }

  /// ntfy shows the first as a picture.
  private static func tags(_ severity: Severity) -> [String] {
    switch severity {
    case .sev1, .sev2: ["rotating_light", "SEV-\(severity.rawValue)"]
    case .sev3, .sev4: ["warning", "SEV-\(severity.rawValue)"]
    case .unspecified: ["speech_balloon"]
    }
  }

  /// `{"id":"m1","event":"message",…}`, or `{"code":40101,"http":401,"error":"unauthorized",…}`.
  static func outcome(_ end: Conversation.End) -> HandOverOutcome {
    guard case .answered(let answer) = end else { return HandOverOutcome(end) }
    let json = answer.json
    guard !(200..<300 ~= answer.status) else {
      guard let id = json["id"] as? String else {
        return HandOverOutcome(.failedPrecondition, "\(answer.status), but not as ntfy answers: is that its address?")
      }
      var outcome = HandOverOutcome(answer, words: "message \(id)")
      outcome.id = id
      return outcome
    }
    guard let code = json["code"] as? Int, let error = json["error"] as? String else { return HandOverOutcome(answer) }
    return HandOverOutcome(answer, words: "\(code) \(error)")
  }
}
