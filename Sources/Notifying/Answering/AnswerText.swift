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
    "Tocsin: too many wrong answers came from this number; for \(minutes(span)) min its texts are asked again. Reply with a page's code, "
      + "or use its call, its link or tocsinctl."
  }

  /// Goes to the phone whose number it is, and to nobody who only pretends to have it.
  static func confirm(_ code: String, _ deed: AnswerDeed, _ page: Page, for span: Span) -> String {
    "Tocsin: too many wrong answers came from this number. If \(page.incidentId) is to be \(deed.done), reply within \(minutes(span)) min: "
      + "\(code) \(deed.word)"
  }

  private static func minutes(_ span: Span) -> Int64 { max(1, span.milliseconds / 60_000) }

  /// While the escalator has not spoken.
  static func kept(_ deed: AnswerDeed, _ page: Page) -> String {
    "\(page.incidentId): your answer (\(deed.word)) is kept\(deed == .escalate ? "" : " and you are not rung again"); "
      + "the escalator can't be reached now. You will hear what comes of it."
  }

  static func again(_ known: SettledAnswer, _ page: Page) -> String {
    "\(page.incidentId): answered before (\(known.answer?.deed.word ?? "")): \(known.words)"
      + (known.refused ? "; nothing is changed" : "")
  }

  /// Long after: what became of it then may no longer be so, and nobody may think that they have acknowledged what fires now.
  static func usedUp(_ known: SettledAnswer, _ page: Page) -> String {
    "\(page.incidentId): this page was answered before (\(known.answer?.deed.word ?? "")) and changes nothing now. "
      + "Answer the newest page of it, or use tocsinctl."
  }

  static func outcome(of answer: PageAnswer, refused: Bool, _ words: String) -> String {
    refused
      ? "\(answer.incidentId) is not \(answer.deed.done) by you: \(words)" : "\(answer.incidentId): \(words)"
  }

  /// To the page's person, who may not have been it.
  static func refused(_ refusal: AnswerRefused) -> String {
    let who =
      PersonalChannel.isLink(refusal.channel)
      ? "a link of your page \(refusal.pageId), by \(refusal.channel)"
      : "your page \(refusal.pageId), by \(refusal.channel)"
    return
      "Tocsin: an answer to \(who), was refused: \(refusal.reason). Nothing is changed. If that wasn't you, somebody has what "
      + "isn't theirs; \"tocsinctl page show \(refusal.pageId)\" has each. More of the kind is not told of for "
      + "\(Answers.blockedFor.milliseconds / 60_000) min."
  }

  static func guessing(_ refusal: AnswerRefused, person: String) -> String {
    let source =
      switch (refusal.channel, person.isEmpty) {
      case ("sms", false): "from the number of \(person)"
      case ("sms", true): "from numbers that are nobody's"
      case (_, false): "to a page of \(person), by \(refusal.channel)"
      case (_, true): "by \(refusal.channel)"
      }
    guard !Answers.isUsedUp(refusal.sender) else {
      return "Tocsin: \(Answers.guessesAtMost) answers to pages of \(person) within "
        + "\(Answers.guessesWithin.milliseconds / 60_000) min were used up; the last one, by \(refusal.channel) to page "
        + "\(refusal.pageId): \(refusal.reason). Nothing was changed by them. Somebody may be replaying what is not theirs; more of "
        + "the kind is not told of for \(Answers.blockedFor.milliseconds / 60_000) min."
    }
    let consequence =
      refusal.channel == "sms" && !person.isEmpty
      ? "what comes from there is asked again for \(minutes(Answers.blockedFor)) min"
      : "what comes from there is not listened to for \(minutes(Answers.blockedFor)) min"
    return
      "Tocsin: \(Answers.guessesAtMost) answers to pages \(source) were wrong within \(minutes(Answers.guessesWithin)) min; "
      + "the last one: \(refusal.reason). Nothing was changed by them, and \(consequence). Somebody may be guessing."
  }
}
