import Machinery
import Messages

/// Answers that come by a page's own channel (requirement N4).
///
/// The way of one: a provider's callback → the listener (`Callbacks`), which knows who sent it and hands on a value → here: which
/// page, which person, whether it may; on disk → a debt to the escalator (`AnswerPage`), which does what a call of that person would
/// have done, and says what came of it → `settle`. Whoever answered hears the escalator's word in the reply, or by a message if
/// it took longer than they would wait.
///
/// What an answer stops before the escalator has spoken: the rest of this person's own ladder, what is under way and fails
/// included, and nothing else. It is proven to be theirs, and somebody who has answered must not be rung again because a tier is
/// down, nor by what the escalator decided before it heard. Others go on being paged: whether the incident is in hand is the
/// escalator's to say. If it refuses, the ladder goes on at once; if it agrees, it withdraws the page,
/// and should that get lost the ladder goes on two minutes later.
extension Notifications {
  static let agreedAndNotWithdrawn = Span.minutes(2)

  func hear(
    _ given: AnswerGiven, at now: Instant
  ) throws(Refusal) -> Decision<NotificationFact, NotificationAnswer> {
    guard let terms = answering else {
      throw Refusal(
        .failedPrecondition, "pages can't be answered by their own channels here: there is no --callback-url")
    }
    return given.channel == PersonalChannel.sms.rawValue && given.token.isEmpty
      ? hearText(given, terms, at: now) : hearToken(given, terms, at: now)
  }

  /// A text message proves itself by the number that it comes from and the code of a page that went there.
  private func hearText(
    _ given: AnswerGiven, _ terms: AnsweringTerms, at now: Instant
  ) -> Decision<NotificationFact, NotificationAnswer> {
    let people = book.people(on: given.channel, at: given.sender)
    // One for all of them: nobody can fill the places of those who are known.
    let sender = people.isEmpty ? Answers.strangers : terms.mark(of: given.sender)
    // Strangers hear nothing, so that nobody learns whose number is known, and no two machines talk to each other for ever.
    func words(_ words: String) -> String { people.isEmpty ? "" : words }
    if let until = answers.blockedUntil(sender, at: now) {
      return people.isEmpty ? refused("") : hearAgain(given, of: people, terms, until: until, at: now)
    }
    let said = SpokenAnswer(text: given.text)
    func wrong(_ reason: String, _ told: String) -> Decision<NotificationFact, NotificationAnswer> {
      refuse(
        AnswerRefused(channel: given.channel, sender: sender, person: people.first ?? "", reason: reason, guess: true),
        words(told), at: now)
    }
    // Whoever names no code guesses at none: "who has this?" must not cost them the answer that follows.
    guard !said.code.isEmpty else { return refused(words(AnswerText.help)) }
    guard !people.isEmpty else { return wrong("it came from a number that is nobody's", "") }
    let found = people.flatMap { answers.pages(of: $0, code: said.code) }.compactMap { ledger[$0]?.page }
    guard let page = found.first else { return wrong("no page of theirs has this code", AnswerText.unknownCode) }
    guard found.count == 1 else { return wrong("two pages have this code", AnswerText.twoPages) }
    // Whoever has the right code was paged, however late they answer: it doesn't count against their number.
    guard age(ofCodeOf: page, at: now) < AnsweringTerms.validFor else {
      return refuse(
        AnswerRefused(
          channel: given.channel, sender: "\(Answers.usedUp)\(page.person)", person: page.person, pageId: page.id,
          reason: "its code has expired", guess: true), AnswerText.expired, at: now)
    }
    let deed = said.deed(about: page.incidentId)
    guard deed != .unspecified else { return refused(AnswerText.help) }
    return accept(page, deed, by: given.channel, at: now)
  }

  /// From a number that guesses have come from, a page's code is asked again: by six more digits, which go to that number and which
  /// whoever only pretends to have it never sees. So a forged number keeps nobody from answering, and nothing can be guessed.
  private func hearAgain(
    _ given: AnswerGiven, of people: [String], _ terms: AnsweringTerms, until: Instant, at now: Instant
  ) -> Decision<NotificationFact, NotificationAnswer> {
    func asked(_ code: some StringProtocol) -> Page? {
      let found = people.flatMap { answers.pages(of: $0, code: String(code)) }.compactMap { ledger[$0]?.page }
      return found.count == 1 && age(ofCodeOf: found[0], at: now) < AnsweringTerms.validFor ? found[0] : nil
    }
    let confirmed = SpokenAnswer(text: given.text, digits: 2 * AnsweringTerms.digits)
    if let page = asked(confirmed.code.prefix(AnsweringTerms.digits)) {
      let deed = confirmed.deed(about: page.incidentId)
      if deed != .unspecified, confirmed.code.hasSuffix(terms.confirmation(of: page.id, until: until)) {
        return accept(page, deed, by: given.channel, at: now)
      }
    }
    let said = SpokenAnswer(text: given.text)
    guard let page = asked(said.code), page.isAnsweredByChannel else {
      return refused(AnswerText.blocked(for: until - now))
    }
    let deed = said.deed(about: page.incidentId)
    guard deed != .unspecified else { return refused(AnswerText.help) }
    let code = said.code + terms.confirmation(of: page.id, until: until)
    return refused(AnswerText.confirm(code, deed, page, for: until - now))
  }

  /// Since the last text message with it went out, which may have waited for the end of quiet hours; while there was none, since
  /// the page was decided.
  private func age(ofCodeOf page: Page, at now: Instant) -> Span {
    let deliveries = ledger[page.id]?.deliveries ?? []
    let sent = deliveries.filter { $0.channel == PersonalChannel.sms.rawValue }.map(\.begunAt).filter(\.isSet)
    if let last = sent.max() { return max(.zero, now - last) }
    return page.age(at: page.handedOverAt) + (deliveries.map(\.changedAt).min().map { max(.zero, now - $0) } ?? .zero)
  }

  /// A link, a button or a call shows what the page carried. A button and a call say besides who used it.
  private func hearToken(
    _ given: AnswerGiven, _ terms: AnsweringTerms, at now: Instant
  ) -> Decision<NotificationFact, NotificationAnswer> {
    func wrong(_ reason: String, _ told: String, page: Page? = nil, sender: String) -> Decision<
      NotificationFact, NotificationAnswer
    > {
      refuse(
        AnswerRefused(
          channel: given.channel, sender: sender, person: page?.person ?? "", pageId: page?.id ?? "", reason: reason,
          guess: true), told, at: now)
    }
    guard let claims = terms.claims(of: given.token), claims.channel == given.channel else {
      return wrong("its token is forged", AnswerText.invalid, sender: "forged/link")
    }
    guard let page = ledger[claims.page]?.page else { return refused(AnswerText.gone) }
    guard now < claims.expiresAt else {
      return wrong("its token has expired", AnswerText.expired, page: page, sender: "\(Answers.usedUp)\(page.person)")
    }
    if !given.sender.isEmpty || !PersonalChannel.isLink(given.channel) {
      guard book.people(on: given.channel, at: given.sender).contains(page.person) else {
        return wrong(
          "it is somebody else's page", AnswerText.notYours(book.name(page.person)), page: page,
          sender: terms.mark(of: given.sender))
      }
    }
    let deed = claims.deed == .unspecified ? SpokenAnswer.deed(ofKeys: given.text) : claims.deed
    guard deed != .unspecified else { return refused(AnswerText.unknownKey) }
    return accept(page, deed, by: given.channel, at: now)
  }

  private func accept(
    _ page: Page, _ deed: AnswerDeed, by channel: String, at now: Instant
  ) -> Decision<NotificationFact, NotificationAnswer> {
    guard page.isAnsweredByChannel else { return refused(AnswerText.notByChannel) }
    let id = answers.nextID(page, deed)
    if let known = answers.settled[id] { return again(known, page, by: channel, at: now) }
    let waits = AnswerWords(answerId: id, taken: true, words: AnswerText.kept(deed, page), incidentId: page.incidentId)
    guard answers.owed[id] == nil else { return Decision([], answer: .answered(waits)) }
    let answer = PageAnswer(
      id: id, pageId: page.id, incidentId: page.incidentId, person: page.person, deed: deed, channel: channel,
      answeredAt: now)
    let held = deed.stopsTheLadder ? ladders(of: page.person, about: page.incidentId) : []
    return Decision(
      [.init(kind: .answerTaken(AnswerTaken(answer: answer, held: held)))], answer: .answered(waits))
  }

  /// What was answered before has no second effect. So soon after the first time it is the same answer: a second press, or a provider
  /// that did not hear us. Later somebody shows again what is used up, and that is on record and alarmed of like any other abuse. It
  /// costs the page's person nothing: they may resolve what they have acknowledged.
  private func again(
    _ known: SettledAnswer, _ page: Page, by channel: String, at now: Instant
  ) -> Decision<NotificationFact, NotificationAnswer> {
    guard !known.refused, now - known.settledAt >= Answers.sameWithin else {
      return told(AnswerText.again(known, page), taken: !known.refused, page)
    }
    return refuse(
      AnswerRefused(
        channel: channel, sender: "\(Answers.usedUp)\(page.person)", person: page.person, pageId: page.id,
        reason: "it had answered its page before", guess: true), AnswerText.usedUp(known, page), at: now)
  }

  /// What may still be sent, and what is under way or was taken: that can fail yet, and is not sent again before the
  /// escalator's word.
  private func ladders(of person: String, about incident: String) -> [String] {
    (idsByIncident[incident] ?? []).filter { id in
      guard let entry = ledger[id], let page = entry.page else { return false }
      return page.person == person && page.wanted && entry.answerID.isEmpty
        && entry.deliveries.contains { $0.isOpen || $0.state.wasTaken }
    }
  }

  private func told(_ words: String, taken: Bool, _ page: Page) -> Decision<NotificationFact, NotificationAnswer> {
    Decision([], answer: .answered(AnswerWords(taken: taken, words: words, incidentId: page.incidentId)))
  }

  private func refused(_ words: String) -> Decision<NotificationFact, NotificationAnswer> {
    Decision([], answer: .answered(AnswerWords(words: words)))
  }

  /// What is refused is on record, as often as counts: a sender that goes on writes no more of our disk. The last one that counts
  /// alarms whose page or number it is, and whoever watches.
  private func refuse(
    _ refusal: AnswerRefused, _ words: String, at now: Instant
  ) -> Decision<NotificationFact, NotificationAnswer> {
    let before = answers.guesses(refusal.sender, at: now)
    guard before < Answers.guessesAtMost, answers.hasRoom(for: refusal, at: now),
      answers.blockedUntil(refusal.sender, at: now) == nil
    else { return refused(words) }
    var refusal = refusal
    guard before + 1 == Answers.guessesAtMost else {
      refusal.told = isAnothers(refusal) && !answers.wasTold(refusal.person, at: now)
      return Decision(
        [.init(kind: .answerRefused(refusal))] + (refusal.told ? warning(refusal, at: now) : []),
        answer: .answered(AnswerWords(words: words)))
    }
    refusal.blockedUntilAt = now + Answers.blockedFor
    return Decision(
      [.init(kind: .answerRefused(refusal))] + alarm(refusal, at: now), answer: .answered(AnswerWords(words: words)))
  }

  /// Whether somebody may have shown what is another's, and the page's person doesn't hear of it by the answer's own reply: a press by
  /// somebody else, or a link, which says nothing of who has it.
  private func isAnothers(_ refusal: AnswerRefused) -> Bool {
    !refusal.pageId.isEmpty && (PersonalChannel.isLink(refusal.channel) || !Answers.isUsedUp(refusal.sender))
  }

  private func warning(_ refusal: AnswerRefused, at now: Instant) -> [NotificationFact] {
    said(
      Post(
        id: "answers#\(refusal.pageId)/\(now.milliseconds)", text: AnswerText.refused(refusal),
        incidentId: AnswerText.incident, person: refusal.person, postedAt: now), at: now)
  }

  private func alarm(_ refusal: AnswerRefused, at now: Instant) -> [NotificationFact] {
    abuse(of: refusal.sender, refusal.person, AnswerText.guessing(refusal, person: refusal.person), at: now)
  }

  /// Told to the watch's channel, and to the person who may be meant to be somebody else.
  func abuse(of sender: String, _ person: String, _ words: String, at now: Instant) -> [NotificationFact] {
    let id = "answers#\(sender)/\(now.milliseconds)"
    let watch = book.configuration.watch?.channel ?? ""
    let posts = [
      Post(
        id: id, channel: watch.isEmpty ? AnswerText.alarmChannel : watch, text: words,
        incidentId: AnswerText.incident, postedAt: now),
      Post(
        id: "\(id)/\(person)", text: words, incidentId: AnswerText.incident, person: person, postedAt: now),
    ]
    return posts.filter { !$0.channel.isEmpty || !$0.person.isEmpty }.flatMap { said($0, at: now) }
  }

  private func said(_ post: Post, at now: Instant) -> [NotificationFact] {
    let plan = book.plan(post, at: now)
    return plan.isEmpty ? [] : [.init(kind: .postTaken(PostTaken(post: post, deliveries: plan)))]
  }

  // MARK: The escalator's word

  /// nil: the debt is no answer.
  func settleAnswer(_ settlement: Settlement, at now: Instant) -> [NotificationFact]? {
    guard let answer = answers.owed[settlement.key.id] else { return nil }
    let isRefused = settlement.status != .ok
    let words = CleanText.line(
      settlement.words.isEmpty && isRefused ? settlement.status.name : settlement.words, limit: 300)
    let fact = NotificationFact(
      kind: .answerSettled(
        AnswerSettled(id: answer.id, refused: isRefused, words: words, status: settlement.status.rawValue)))
    // Who has heard of it before is not told again because the escalator was asked again.
    guard now - answer.answeredAt > Answers.toldWithin, answers.settled[answer.id] == nil else { return [fact] }
    let post = Post(
      id: "answers#\(answer.id)", text: AnswerText.outcome(of: answer, refused: isRefused, words),
      incidentId: answer.incidentId, person: answer.person, postedAt: now)
    return [fact] + said(post, at: now)
  }

  /// What came of an answer; nil while the escalator has not spoken.
  public func outcome(ofAnswer id: String) -> AnswerWords? {
    guard let known = answers.settled[id], let answer = known.answer else { return nil }
    return AnswerWords(
      taken: !known.refused, words: AnswerText.outcome(of: answer, refused: known.refused, known.words),
      incidentId: answer.incidentId)
  }

  /// Whether an answer is still owed to the escalator.
  public func isWaiting(forAnswer id: String) -> Bool { answers.owed[id] != nil }

  /// Where callbacks come from: the routes of providers that send them, with what they are signed with.
  public var callbackRoutes: [ChannelRoute] {
    book.configuration.channels.flatMap { route in
      [route] + (route.second.map { [ChannelRoute(route.channel, by: $0)] } ?? [])
    }
  }

  // MARK: Remembering

  /// Whoever asks about its page sees it there.
  mutating func refuse(_ refused: AnswerRefused, at instant: Instant) {
    answers.refuse(refused, at: instant)
    guard !refused.pageId.isEmpty, var entry = ledger[refused.pageId] else { return }
    entry.refused.append(RefusedAnswer(at: instant, channel: refused.channel, reason: refused.reason))
    entry.refused.removeFirst(max(0, entry.refused.count - LedgerEntry.refusedAtMost))
    put(entry, refused.pageId)
  }

  mutating func apply(_ taken: AnswerTaken, at instant: Instant) {
    guard let answer = taken.answer else { return }
    answers.take(answer)
    owe(answer)
    for id in taken.held {
      guard var entry = ledger[id] else { continue }
      entry.answerID = answer.id
      put(entry, id)
    }
  }

  func answerKey(_ id: String) -> DebtKey { DebtKey(id: id, generation: 1) }

  mutating func oweAnswersAgain(at instant: Instant) {
    for answer in answers.agreed(at: instant) {
      answers.take(answer)
      owe(answer)
    }
  }

  private mutating func owe(_ answer: PageAnswer) {
    receipts.owe(answerKey(answer.id), urgency: Self.answersFirst, since: answer.answeredAt)
  }

  mutating func apply(_ settled: AnswerSettled, at instant: Instant) {
    guard let answer = answers.owed[settled.id] else { return }
    let isAgain = answers.settled[settled.id] != nil
    answers.settle(settled, at: instant)
    receipts.settle(settled.id)
    if !settled.refused, !isAgain { acknowledge(answer, at: instant) }
    for id in idsByIncident[answer.incidentId] ?? [] {
      guard var entry = ledger[id], entry.answerID == settled.id else { continue }
      entry.answerID = ""
      if !settled.refused { entry.postpone(to: instant + Self.agreedAndNotWithdrawn) }
      put(entry, id)
    }
  }

  var answersSnapshot: [NotificationFact] {
    let snapshot = answers.snapshot
    return snapshot == AnswersSnapshot() ? [] : [.init(kind: .answers(snapshot))]
  }

  mutating func restore(_ snapshot: AnswersSnapshot) {
    answers.restore(snapshot)
    for answer in snapshot.owed { owe(answer) }
  }
}

extension LedgerEntry {
  /// What an agreement withdraws: words about the incident were only held by the answer, and are in nobody's way.
  fileprivate mutating func postpone(to instant: Instant) {
    guard let page, page.purpose == .duty || page.purpose == .reminder else { return }
    for index in deliveries.indices where deliveries[index].waitsForTime {
      deliveries[index].dueAt = max(deliveries[index].dueAt, instant)
    }
  }
}

extension Page {
  /// Whether it asks for an answer that its channel can bring; others name a command.
  var isAnsweredByChannel: Bool { (purpose == .duty || purpose == .reminder) && answeredBy.isEmpty }
}

extension PersonalChannel {
  /// Whether pages by it carry links, which whoever has them can use.
  static func isLink(_ channel: String) -> Bool { channel == email.rawValue || channel == push.rawValue }
}
