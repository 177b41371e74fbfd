import Messages

/// One page or post and how each of its deliveries fares: a line of the notifier's ledger.
///
/// A delivery goes planned -> due -> handed over | failed | unknown | retrying; unknown and retrying go back to due,
/// and whatever is not yet due or handed over becomes cancelled when an answer is known.
struct LedgerEntry: Hashable, Sendable {
  var subject: Attempt.Subject
  var deliveries: [DeliverySnapshot] = []
  /// Grows with each outcome that the escalator must hear of.
  var receiptGeneration: UInt64 = 0
  /// The generation that the escalator has.
  var receiptSettled: UInt64 = 0
  var changedAt: Instant

  var page: Page? { if case .page(let page) = subject { page } else { nil } }
  var isWanted: Bool { page?.wanted ?? true }
  var owesReceipt: Bool { receiptSettled < receiptGeneration }

  /// Nothing will happen to it any more but being forgotten.
  var isFinished: Bool { !owesReceipt && !deliveries.contains { $0.isOpen } }

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

  /// Which of the addresses that a person has for a channel a delivery goes to: each in turn.
  func turn(of delivery: Int) -> Int {
    deliveries[..<delivery].count { $0.channel == deliveries[delivery].channel }
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
    case .handedOver, .failed, .cancelled, .unspecified: false
    }
  }

  /// Whether it waits for a time at which an attempt begins.
  var waits: Bool { isOpen && state != .due }

  /// Whether a provider has ever said anything about it.
  var hasBeenHeardOf: Bool { !words.isEmpty }

  /// Whether there is anything to tell of it yet.
  var hasOutcome: Bool {
    switch state {
    case .handedOver, .failed, .unknown, .retrying: true
    case .planned, .due, .cancelled, .unspecified: false
    }
  }
}
