import Messages

/// What is said to people, in the form that suits each channel. Short: it is read at night, on a phone.
enum PageText {
  static let smsCharacters = 160
  /// Of a push notification or a message in a chat: the least that one of the providers shows whole.
  static let noteCharacters = 1_000

  /// "[SEV-1] aion-ai-inference: no ready pods"
  static func title(of page: Page) -> String {
    let service = page.service.isEmpty || page.summary.hasPrefix(page.service) ? "" : "\(page.service): "
    return CleanText.line("[\(page.severity.words)] \(service)\(page.summary)", limit: 250)
  }

  static func title(of post: Post) -> String {
    CleanText.line(post.text.split(separator: "\n").first.map(String.init) ?? post.channel, limit: 250)
  }

  static func text(of page: Page, by channel: String, isRepeat: Bool, ways: AnswerWays?) -> String {
    let mark = isRepeat ? "(possible repeat) " : ""
    let head = "\(mark)\(page.purpose.prefix)\(title(of: page))"
    switch PersonalChannel(rawValue: channel) {
    case .sms: return sms(page, head, ways)
    case .voice: return voice(page, mark, ways)
    case .email: return email(page, head, ways)
    default: return note(page, head)
    }
  }

  static func text(of post: Post, isRepeat: Bool) -> String {
    (isRepeat ? "(possible repeat) " : "") + CleanText.lines(post.text)
  }

  private static func sms(_ page: Page, _ head: String, _ ways: AnswerWays?) -> String {
    let call = ways.map { "; reply \($0.code) ack" } ?? page.call
    let tail = " (\(page.incidentId))\(call)"
    return CleanText.cut(head, max(20, smsCharacters - tail.count)) + tail
  }

  private static func voice(_ page: Page, _ mark: String, _ ways: AnswerWays?) -> String {
    let level = page.severity == .unspecified ? "" : "Severity \(page.severity.rawValue). "
    let service = page.service.isEmpty ? "" : "\(CleanText.line(page.service)): "
    let summary = CleanText.line(page.summary, limit: 200)
    return "\(mark)This is Tocsin. \(level)\(service)\(summary). Incident \(page.incidentId)."
      + (ways == nil ? "" : " Press 4 to acknowledge, 5 to escalate, 6 to resolve.")
  }

  private static func email(_ page: Page, _ head: String, _ ways: AnswerWays?) -> String {
    var lines = ["\(head) (\(page.incidentId))", CleanText.line(page.because)]
    lines += page.steps.enumerated().map { "\($0.offset + 1). \(CleanText.line($0.element))" }
    if !page.runbook.isEmpty { lines.append("Runbook: \(CleanText.line(page.runbook))") }
    if !page.incidentUrl.isEmpty { lines.append("Incident: \(CleanText.line(page.incidentUrl))") }
    if let ways {
      lines.append("Acknowledge: \(ways.link(.acknowledge))")
      lines.append("Escalate: \(ways.link(.escalate))")
      lines.append("Resolve: \(ways.link(.resolve))")
    } else if page.purpose.asksForAnAnswer {
      lines.append(
        page.answeredBy.isEmpty
          ? "Acknowledge: tocsinctl incident ack \(page.incidentId)" : "Answer: \(CleanText.line(page.answeredBy))")
    }
    return lines.filter { !$0.isEmpty }.joined(separator: "\n")
  }

  private static func because(_ page: Page) -> String {
    page.because.isEmpty ? "" : " - \(CleanText.line(page.because, limit: 200))"
  }

  /// With the response steps, as many as there is room for, where the rest is, and where the incident can be seen.
  private static func note(_ page: Page, _ head: String) -> String {
    let begin = "\(head) (\(page.incidentId))\(because(page))"
    let link = page.incidentUrl.isEmpty ? "" : "; \(CleanText.line(page.incidentUrl, limit: 300))"
    let end = "\(link)\(page.call)"
    guard page.purpose == .duty else { return begin + end }
    let runbook = page.runbook.isEmpty ? "" : "; \(CleanText.line(page.runbook, limit: 120))"
    return begin + steps(page.steps, within: noteCharacters - begin.count - runbook.count - end.count) + runbook + end
  }

  /// "; 1. Check pod status; 2. Review recent changes": each whole, or cut where it is long by itself; what doesn't fit is counted.
  private static func steps(_ steps: [String], within room: Int) -> String {
    var text = ""
    for (index, step) in steps.enumerated() {
      let next = "; \(index + 1). \(CleanText.line(step, limit: 160))"
      let left = steps.count - index
      let reserve = left > 1 ? 16 : 0  // "; and 99 further"
      guard text.count + next.count + reserve <= room else { return text + "; and \(left) further" }
      text += next
    }
    return text
  }
}

extension Page {
  /// How the page is answered; nothing for words that ask for no answer.
  fileprivate var call: String {
    guard purpose.asksForAnAnswer else { return "" }
    return answeredBy.isEmpty ? "; ack \(incidentId)" : "; \(CleanText.line(answeredBy, limit: 100))"
  }
}

extension PagePurpose {
  fileprivate var asksForAnAnswer: Bool { self == .duty || self == .test }

  var prefix: String {
    switch self {
    case .duty, .unspecified: ""
    case .headsUp: "Heads-up: "
    case .reminder: "Reminder: "
    case .tell: "For your information: "
    case .test: "Test: "
    case .synthetic: "Synthetic: "
    case .watch: "The watch: "
    }
  }
}
