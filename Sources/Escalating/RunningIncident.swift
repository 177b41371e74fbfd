import Messages

/// An incident and all that the escalator must know to carry it on. A million of these may be open: under 1 KiB each.
struct RunningIncident: Hashable, Sendable {
  /// As it began; `alertState` is what the source last said.
  var opened: IncidentOpened
  var severity: Severity
  var state = IncidentState.triggered
  // Beside the other small ones: elsewhere each would take a word of every open incident's memory.
  var status = UpdateStatus.unspecified
  /// Whether intake must still be told that this is closed.
  var owesClosing = false
  /// The highest tier that was paged in this round.
  var tier: UInt32 = 1
  var round: UInt32 = 1
  /// Counts what the scheduler is to know of it, and what it knows.
  var news: UInt32 = 0
  var newsSettled: UInt32 = 0
  var acknowledgedAt = Instant.unset
  var changedAt: Instant
  var owner = ""
  var clocks: [Clock] = []
  var pages: [HeldPage] = []
  var posts: [HeldPost] = []
  var told: [ToldLead] = []
  var recorded = IncidentRecord.Kept()
  var alertGeneration: UInt64
  var pagesMade: UInt32 = 0
  var postsMade: UInt32 = 0

  /// From here on finished pages make room for new ones.
  static let keepsPages = 6
  /// With so many no person is paged again who is still owed a page: the notifier is down.
  static let mostPages = 16
  static let keepsTold = 8

  var id: String { opened.id }
  var resolvedAt: Instant {
    get { record.resolvedAt }
    set { record.resolvedAt = newValue }
  }
  /// When the last status update came.
  var updatedAt: Instant {
    get { record.updatedAt }
    set { record.updatedAt = newValue }
  }
  /// Of a SEV-1 or SEV-2: whoever acknowledged first, until they delegate (E7).
  var commander: String {
    get { record.commander }
    set { record.commander = newValue }
  }
  var isOpen: Bool { state != .resolved }
  /// What happens next, by itself.
  var nextClock: Clock? { clocks.min(by: Clock.isSooner) }
  /// When its alerts were over for intake: it may have been reopened since.
  var closedAt: Instant { resolvedAt.isSet ? resolvedAt : record.closedBefore }
  /// When its own alert was, where that wasn't with all the others: its source ended it at another intake.
  var ownClosedAt: Instant { record.ownEndedAt.isSet ? record.ownEndedAt : overSince }
  /// Since when it is over: what an intake took in until then is part of what is.
  var overSince: Instant { record.saidOverAt.isSet ? record.saidOverAt : closedAt }
  /// A person opened it again, when its alerts were over: only a person ends it.
  var wasReopened: Bool { record.closedBefore.isSet && !record.firesAgain }
  /// What its source calls it, whatever people do.
  var sourceSeverity: Severity { record.sourceSeverity == .unspecified ? severity : record.sourceSeverity }
  var isInHandOfSourceAlone: Bool { state == .acknowledged && owner.isEmpty }
  /// It is part of another one.
  var isMerged: Bool { !record.mergedInto.isEmpty }
  /// Nothing is owed to anybody on its behalf, but for alerts that are part of it (`Members`).
  var isSettled: Bool {
    !owesClosing && posts.isEmpty && pages.allSatisfy { !$0.isOwed } && !owesNews
      && record.works.allSatisfy { !$0.isOwed }
  }
  /// Whether the chain has ended, or not begun, and waits to start.
  var awaitsChain: Bool { clocks.contains { $0.kind == .restartChain } }
  /// Whether the chain's first step still waits for working hours. Then the second one's clock runs already, and nobody has
  /// gone on to a tier by hand.
  var awaitsOpening: Bool {
    awaitsChain && tier == 1 && round == 1 && clocks.contains { $0.kind == .nextTier }
  }
  /// Whether anybody has heard of it.
  var hasPaged: Bool { UInt64(pagesMade) > opened.firstNumber }

  func hasPaged(_ person: String) -> Bool {
    pages.contains { $0.person == person } || record.earlierPages.contains { $0.person == person }
  }

  /// Whether somebody has ever had the duty to answer it.
  func hasCalled(_ person: String) -> Bool {
    pages.contains { $0.person == person && $0.purpose == .duty }
      || record.earlierPages.contains { $0.person == person }
  }

  /// Whether the notifier must still get a page that asks no less of a person.
  func owes(_ person: String, _ purpose: PagePurpose) -> Bool {
    pages.contains {
      $0.person == person && $0.wanted && $0.settled == 0 && (purpose != .duty || $0.purpose == .duty)
    }
  }

  func page(_ id: String) -> HeldPage? { index(ofPage: id).map { pages[$0] } }

  /// By its whole id: after a loss others may know a page of the same number that was another person's.
  func index(ofPage id: String) -> Int? {
    HeldPage.number(in: id).flatMap { number in
      pages.firstIndex { $0.number == number && $0.id(in: self.id) == id }
    }
  }

  /// Numbers that were lost may be known to others: the next ones are beyond them.
  mutating func skipNumbers(_ lost: UInt64) {
    if !hasPaged { opened.firstNumber += lost }
    pagesMade += UInt32(lost)
    postsMade += UInt32(lost)
    skipRecordNumbers(UInt32(lost))
  }

  mutating func start(_ kind: Clock.Kind, _ argument: UInt32 = 0, due: Instant?) {
    stop(kind, argument)
    if let due { clocks.append(Clock(kind: kind, argument: argument, due: due)) }
  }

  mutating func stop(_ kind: Clock.Kind, _ argument: UInt32? = nil) {
    clocks.removeAll { $0.kind == kind && (argument == nil || $0.argument == argument) }
  }

  /// The wall clock jumped. Elapsed time keeps its distance to now; clocks in business time are civil and stay.
  mutating func shift(by span: Span, isCivil: Bool) {
    for index in clocks.indices where !isCivil || clocks[index].kind == .forget {
      clocks[index].due = clocks[index].due + span
    }
    if !isCivil { opened.openedAt = opened.openedAt + span }
    for index in pages.indices { pages[index].pagedAt = pages[index].pagedAt + span }
    for index in posts.indices { posts[index].postedAt = posts[index].postedAt + span }
    for index in told.indices { told[index].again = told[index].again + span }
    if acknowledgedAt.isSet { acknowledgedAt = acknowledgedAt + span }
    if !record.isEmpty { record.shift(by: span) }
    if span >= Self.wrongByTooMuch || span <= .zero - Self.wrongByTooMuch {
      news += 1
      stop(.forget)
    }
  }

  /// An incident that was resolved next year, by a clock that was wrong, would stand in every handoff document until then.
  private static let wrongByTooMuch = Span.hours(1)
}
