import Messages

/// One page or post and how each of its deliveries fares: a line of the notifier's ledger.
///
/// A delivery goes planned -> due -> handed over | failed | unknown | retrying; retrying goes back to due, and so does
/// unknown, once, unless the provider is found to have it; whatever is not yet due or handed over becomes cancelled when an
/// answer is known. What is handed over goes on as far as its provider tells (`DeliveryState+Rank.swift`). A delivery that is
/// planned without a time waits for those before it to fail.
struct LedgerEntry: Hashable, Sendable {
  var subject: Attempt.Subject
  var deliveries: [DeliverySnapshot] = []
  /// Grows with each outcome that the escalator must hear of.
  var receiptGeneration: UInt64 = 0
  /// The generation that the escalator has.
  var receiptSettled: UInt64 = 0
  /// What the escalator and operators must know besides: that the person has no audible channel, that a contact rule
  /// sends the page by others than usual.
  var remark = ""
  /// The first duty of its person for its service for a while: it is not held (`Pacing`).
  var isFirst = false
  /// Its place among all that came.
  var arrival: UInt64 = 0
  var changedAt: Instant
  /// Its person's answer, while the escalator has not said what came of it: nothing is begun until then.
  var answerID = ""
  /// The last answers to it that changed nothing.
  var refused: [RefusedAnswer] = []
  static let refusedAtMost = 16

  var page: Page? { if case .page(let page) = subject { page } else { nil } }
  var isWanted: Bool { page?.wanted ?? true }
  var owesReceipt: Bool { receiptSettled < receiptGeneration }
  /// Whether the escalator asked for it and hears how it fares.
  var tellsEscalator: Bool { page.map { $0.purpose != .synthetic && $0.purpose != .watch } ?? false }
  /// How long it is kept with all that was said once it is finished.
  var remembered: Span { page?.purpose == .synthetic ? .minutes(2) : Notifications.remembers }

  var generation: UInt64 { page?.generation ?? 0 }

  /// Nothing will happen to it any more but being forgotten.
  var isFinished: Bool { !owesReceipt && !deliveries.contains { $0.isOpen || $0.isFollowed } }

  var incidentID: String {
    switch subject {
    case .page(let page): page.incidentId
    case .post(let post): post.incidentId
    }
  }
  var person: String {
    switch subject {
    case .page(let page): page.person
    case .post(let post): post.person
    }
  }

  /// 0 to 3 pages by severity, 4 posts.
  var lane: Int {
    switch subject {
    case .page(let page): page.severity == .unspecified ? 3 : Int(page.severity.rawValue) - 1
    case .post: 4
    }
  }
  static let lanes = 5

  func isDue(_ delivery: Int, at now: Instant) -> Bool {
    answerID.isEmpty && deliveries[delivery].waitsForTime && deliveries[delivery].dueAt <= now
  }

  /// The wall clock jumped: what waits keeps its distance to now.
  mutating func shift(by span: Span) {
    for index in deliveries.indices { deliveries[index].shift(by: span) }
    changedAt = changedAt + span
    for index in refused.indices { refused[index].at = refused[index].at + span }
  }

  /// Which of the addresses that a person has for a channel a delivery goes to: as it was planned, so that two rungs by one channel
  /// meet at one destination; else each in turn.
  func turn(of delivery: Int) -> Int {
    let planned = deliveries[delivery].turn
    return planned > 0 ? Int(planned) - 1 : deliveries[..<delivery].count { $0.channel == deliveries[delivery].channel }
  }

  /// What providers call what they have had of it.
  var knownIDs: [String] {
    deliveries.flatMap { $0.formerIds + [$0.providerId] }.filter { !$0.isEmpty }
  }

  /// The next that waits for its time to come, besides one.
  func nextPlanned(besides failing: Int) -> Int? {
    deliveries.indices.filter { $0 != failing && deliveries[$0].state == .planned }
      .min { deliveries[$0].dueAt < deliveries[$1].dueAt }
  }

  /// The delivery of which there was news last.
  var latest: DeliverySnapshot? {
    deliveries.filter(\.hasOutcome).reduce(nil) { last, next in
      last.map { $0.changedAt > next.changedAt } ?? false ? last : next
    }
  }
}

extension DeliverySnapshot {
  /// Whether something about it is still to come. One whose fate is unknown is sent again unless an answer came first.
  var isOpen: Bool {
    switch state {
    case .planned, .due, .retrying: true
    case .unknown: dueAt.isSet
    case .handedOver, .failed, .cancelled, .unspecified, .accepted, .delivered, .seen, .acknowledged: false
    }
  }

  /// Whether no provider is being asked, but one will be.
  var waits: Bool { isOpen && state != .due }

  /// Whether it waits for a time, and not for another delivery to fail.
  var waitsForTime: Bool { waits && dueAt.isSet }

  /// How often the provider that is asked now has been asked.
  var triesOfProvider: UInt32 { secondFrom == 0 ? attempts : attempts + 1 - min(secondFrom, attempts + 1) }

  /// Whether a provider has ever said anything about it.
  var hasBeenHeardOf: Bool { !words.isEmpty }

  /// Whether there is anything to tell of it yet.
  var hasOutcome: Bool {
    switch state {
    case .handedOver, .failed, .unknown, .retrying, .accepted, .delivered, .seen, .acknowledged: true
    case .planned, .due, .cancelled, .unspecified: false
    }
  }
}
