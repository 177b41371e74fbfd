import Messages

/// What is said to whoever answered a page.
enum AnswerText {
  /// Stands where posts name their incident.
  static let incident = "answers"
  /// Hears of guessing where no watch names a channel.
  static let alarmChannel = "#platform-alerts"

  static let help =
    "Tocsin: reply with the code of the page and one word, for example: 123456 ack - or escalate, or resolve. "
    + "Nothing is changed."
  static let unknownCode = "Tocsin: no page of yours has this code. Nothing is changed."
  static let twoPages = "Tocsin: two pages have this code; answer with tocsinctl. Nothing is changed."
  static let expired = "This page is too old to be answered here; use tocsinctl. Nothing is changed."
  static let invalid = "This is no valid answer to a page. Nothing is changed."
  static let gone = "This page is not known any more; use tocsinctl. Nothing is changed."
  static let unknownKey = "Press 4 to acknowledge, 5 to escalate, 6 to resolve."
  static let notByChannel = "This page is not answered here: it says how. Nothing is changed."

  static func notYours(_ name: String) -> String {
    "This page is \(name)'s: only they can answer it here. Nothing is changed."
  }

  static func blocked(for span: Span) -> String {
    "Tocsin: too many wrong answers came from this number; it is not listened to for \(max(1, span.milliseconds / 60_000)) min. "
      + "Use tocsinctl."
  }

  /// While the escalator has not spoken.
  static func kept(_ deed: AnswerDeed, _ page: Page) -> String {
    "\(page.incidentId): your answer (\(deed.word)) is kept\(deed == .escalate ? "" : " and you are not rung again"); "
      + "the escalator can't be reached now. You will hear what comes of it."
  }

  static func again(_ known: SettledAnswer, _ page: Page) -> String {
    "\(page.incidentId): answered before (\(known.answer?.deed.word ?? "")): \(known.words)"
  }

  static func outcome(of answer: PageAnswer, refused: Bool, _ words: String) -> String {
    refused
      ? "\(answer.incidentId) is not \(answer.deed.done) by you: \(words)" : "\(answer.incidentId): \(words)"
  }

  static func guessing(_ refusal: AnswerRefused, person: String) -> String {
    let source =
      switch (refusal.channel, person.isEmpty) {
      case ("sms", false): "from the number of \(person)"
      case ("sms", true): "from numbers that are nobody's"
      case (_, false): "to a page of \(person), by \(refusal.channel)"
      case (_, true): "by \(refusal.channel)"
      }
    return "Tocsin: \(Answers.guessesAtMost) answers to pages \(source) were wrong within "
      + "\(Answers.guessesWithin.milliseconds / 60_000) min; the last one: \(refusal.reason). Nothing was changed by them, and what "
      + "comes from there is not listened to for \(Answers.blockedFor.milliseconds / 60_000) min. Somebody may be guessing."
  }
}
