import Messages

/// What a delivery remembers of itself: what happened to it, and what the provider is asked about it.
extension DeliverySnapshot {
  /// The first tells how it began; of a long story the middle is left out.
  static let eventsAtMost = 16
  private static let eventsKept = 4
  static let formerIdsAtMost = 8

  /// Tells one debt to a provider from the next: the attempt, and which question about it.
  var generation: UInt64 { UInt64(attempts) << 16 | UInt64(min(questions, 0xffff)) }

  /// Whether it is a call that its provider has a name for.
  var isCall: Bool { !providerId.isEmpty && channel == PersonalChannel.voice.rawValue }

  /// Whether the second provider has it, or is asked next.
  var isWithSecond: Bool { secondFrom != 0 && secondFrom <= attempts }

  /// Whether its provider will be asked what became of it, or is asked now.
  var isFollowed: Bool { askAt.isSet || askedAt.isSet }

  /// Whether its receipt has been missed before: once says it.
  var isMissed: Bool {
    events.contains { $0.question > 0 && $0.state == .unspecified && $0.at - begunAt >= ReceiptTimes.missing }
  }

  /// When the last attempt was begun; `.unset` before the first.
  var begunAt: Instant { events.last { $0.state == .due && $0.question == 0 }?.at ?? .unset }

  /// When the first attempt was begun; `.unset` before it.
  var firstBegunAt: Instant { events.first { $0.state == .due && $0.question == 0 }?.at ?? .unset }

  mutating func begin(
    _ begun: AttemptBegun, carriedBy carrier: String = "", by provider: String, at instant: Instant
  ) {
    if begun.question > 0 {
      questions = begun.question
      askedAt = instant
    } else {
      state = .due
      attempts = begun.attempt
      isRepeat = begun.isRepeat
      changedAt = instant
      questions = 0
      askedAt = .unset
      reported = .unspecified
      if !providerId.isEmpty { formerIds = formerIds.suffix(Self.formerIdsAtMost - 1) + [providerId] }
      providerId = ""
      self.carrier = carrier
      toldWith = ""
      toldWithAttempt = 0
    }
    askAt = .unset
    note(.due, by: provider, at: instant)
  }

  mutating func end(_ ended: AttemptEnded, at instant: Instant) {
    state = ended.state
    carrier = ""
    askedAt = .unset
    words = ended.words
    dueAt = ended.retryAt
    askAt = ended.askAt
    changedAt = instant
    if !ended.providerId.isEmpty { providerId = ended.providerId }
    if ended.state == .unknown { isRepeat = true }
    if ended.secondNext { secondFrom = ended.attempt + 1 }
    note(ended.state, ended.words, at: instant)
  }

  mutating func report(_ report: DeliveryReported, at instant: Instant) {
    if report.isAnswer { askedAt = .unset }
    if !report.providerId.isEmpty { providerId = report.providerId }
    note(report.state, report.words, asked: report.isAnswer, at: instant)
    if state == .due {
      reported = report.state
      return
    }
    dueAt = report.dueAt
    askAt = report.askAt
    if report.secondNext { secondFrom = attempts + 1 }
    guard report.state != .unspecified else { return }
    state = report.state
    words = report.words
    changedAt = instant
  }

  mutating func acknowledge(at instant: Instant) {
    guard state != .due else {
      reported = .acknowledged
      return
    }
    state = .acknowledged
    dueAt = .unset
    askAt = .unset
    changedAt = instant
    note(.acknowledged, at: instant)
  }

  /// What the provider said when it reported before it answered.
  var reportedWords: String { events.last { $0.state == reported }?.words ?? "" }

  /// A process ended while its provider was asked. An attempt may or may not have arrived, unless its provider has reported; a
  /// question is asked again.
  ///
  /// - Parameters:
  ///   - isFound: whether the provider can be asked for it.
  ///   - goesToSecond: whether the channel's second provider carries on with what has failed.
  mutating func interrupt(at instant: Instant, isWanted: Bool, isFound: Bool, goesToSecond: Bool) {
    guard state == .due else {
      askedAt = .unset
      askAt = instant
      return
    }
    carrier = ""
    guard reported.rank == 0 else { return follow(goesToSecond: goesToSecond, at: instant) }
    state = .unknown
    isRepeat = true
    dueAt = isWanted ? (isFound ? instant + Looking.within : instant) : .unset
    askAt = isFound ? instant : .unset
    note(.unknown, "the notifier ended before the provider had answered", at: instant)
  }

  /// The answer is lost, and what was reported says as much.
  private mutating func follow(goesToSecond: Bool, at instant: Instant) {
    words = reportedWords
    changedAt = instant
    state = reported
    dueAt = .unset
    if reported == .failed, goesToSecond {
      state = .retrying
      secondFrom = attempts + 1
      dueAt = instant
    }
    note(state, "the notifier ended before the provider had answered; this it had reported", at: instant)
  }

  mutating func shift(by span: Span) {
    if waitsForTime { dueAt = dueAt + span }
    if wishedAt.isSet { wishedAt = wishedAt + span }
    if askAt.isSet { askAt = askAt + span }
    if askedAt.isSet { askedAt = askedAt + span }
    for index in events.indices { events[index].at = events[index].at + span }
  }

  mutating func note(
    _ state: DeliveryState, _ words: String = "", by provider: String = "", asked: Bool = true, at instant: Instant
  ) {
    if events.count >= Self.eventsAtMost { events.remove(at: Self.eventsKept) }
    events.append(
      DeliveryEvent(
        at: instant, attempt: attempts, question: asked ? questions : 0, state: state, words: words,
        provider: provider))
  }
}
