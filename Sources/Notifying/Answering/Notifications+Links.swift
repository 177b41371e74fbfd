import Machinery
import Messages

/// Links of pages that come to whoever shows the pages, and not by the notifier's own door.
extension Notifications {
  /// What a link would do; changes nothing.
  public func showLink(_ link: PageLink, at now: Instant) throws(Refusal) -> PageLinkShown {
    guard let claims = answering?.claims(of: link.token), PersonalChannel.isLink(claims.channel),
      let page = ledger[claims.page]?.page
    else { throw .notFound("this link leads nowhere", field: "token") }
    return PageLinkShown(
      deed: claims.deed, incidentId: page.incidentId, person: page.person, summary: PageText.title(of: page),
      expired: now >= claims.expiresAt)
  }

  /// As if it had come by the notifier's own door: the link itself says by which channel it went out. A forged one is nobody's guess
  /// at anything, and leaves no trace: thousands of them would fill a disk.
  func hear(_ link: PageLink, at now: Instant) throws(Refusal) -> Decision<NotificationFact, NotificationAnswer> {
    guard let claims = answering?.claims(of: link.token), PersonalChannel.isLink(claims.channel) else {
      throw .notFound("this link leads nowhere", field: "token")
    }
    return try hear(AnswerGiven(channel: claims.channel, token: link.token), at: now)
  }

  /// What came of an answer; empty words while the escalator has not spoken.
  public func outcome(_ request: AnswerOutcomeRequest) -> AnswerWords {
    outcome(ofAnswer: request.answerId) ?? AnswerWords(answerId: request.answerId)
  }
}
