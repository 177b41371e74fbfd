import Machinery
import Messages

/// The ledger of every page: what was promised to whom by which channel, and how far each attempt came.
///
/// An attempt is on disk before its provider is asked; whatever was under way when a process ended is unknown, and is sent
/// again, marked as a repeat.
public struct Notifications: Machine {
  var book = AddressBook(NotificationConfiguration())
  var ledger: [String: LedgerEntry] = [:]
  var order = OpeningOrder()
  /// When an entry next does something by itself.
  var due = DueTimes<String>()
  var attempts = DebtQueue(urgencies: LedgerEntry.lanes)
  var receipts = DebtQueue(urgencies: 1)
  var open = 0

  /// How long a finished page is remembered, so that a late copy of it pages nobody.
  static let remembers = Span.hours(24)

  public init() {}

  public var openCount: Int { open }
  public var nextDeadline: Instant? { due.next?.due }

  // MARK: Deciding

  public func decide(
    _ input: NotificationInput, at now: Instant
  ) throws(Refusal) -> Decision<NotificationFact, NotificationAnswer> {
    switch input {
    case .putPage(let page): Decision(try take(page, at: now), answer: .done(Done()))
    case .putPost(let post): Decision(try take(post), answer: .done(Done()))
    case .configure(let configuration, _): try configure(configuration)
    }
  }

  private func take(_ page: Page, at now: Instant) throws(Refusal) -> [NotificationFact] {
    guard !page.id.isEmpty else { throw .invalid("id", "must not be empty") }
    guard !page.person.isEmpty else { throw .invalid("person", "must not be empty") }
    guard let known = ledger[page.id]?.page else {
      let planned = page.wanted ? book.plan(page, at: now) : []
      let remark = page.wanted && planned.isEmpty ? "\(page.person) has no contact method" : ""
      return [.init(kind: .pageTaken(PageTaken(page: page, deliveries: planned, remark: remark)))]
    }
    guard page.generation > known.generation, !page.wanted, known.wanted else { return [] }
    return [.init(kind: .pageCancelled(PageCancelled(pageId: page.id, generation: page.generation)))]
  }

  private func take(_ post: Post) throws(Refusal) -> [NotificationFact] {
    guard !post.id.isEmpty else { throw .invalid("id", "must not be empty") }
    guard !post.channel.isEmpty || !post.person.isEmpty else { throw .invalid("channel", "a channel or a person is needed") }
    return ledger[post.id] == nil ? [.init(kind: .postTaken(PostTaken(post: post)))] : []
  }

  private func configure(
    _ wanted: NotificationConfiguration
  ) throws(Refusal) -> Decision<NotificationFact, NotificationAnswer> {
    try wanted.check()
    var kept = wanted
    kept.dryRun = false
    let changes = kept.changes(from: book.configuration)
    let applies = !wanted.dryRun && !changes.isEmpty
    return Decision(
      applies ? [.init(kind: .configured(kept))] : [],
      answer: .configured(ConfigureReply(changes: changes, applied: !wanted.dryRun)))
  }

  // MARK: Time

  /// Begins everything of the most overdue entry that is due, or forgets it.
  public func lapse(at now: Instant) -> [NotificationFact] {
    guard let next = due.next, next.due <= now, let entry = ledger[next.key] else { return [] }
    if entry.isFinished { return [.init(kind: .pageForgotten(PageForgotten(pageId: next.key)))] }
    return entry.deliveries.indices.filter { entry.deliveries[$0].waits && entry.deliveries[$0].dueAt <= now }.map {
      let delivery = entry.deliveries[$0]
      return .init(
        kind: .attemptBegun(
          AttemptBegun(
            pageId: next.key, delivery: UInt32($0), attempt: delivery.attempts + 1,
            isRepeat: delivery.isRepeat || delivery.state == .unknown)))
    }
  }

  /// What was under way may or may not have arrived: it is sent again at once, and says so.
  public mutating func restarted(at instant: Instant) {
    for debt in attempts.first(.max) {
      guard let (id, index) = Attempt.parse(debtID: debt), var entry = ledger[id] else { continue }
      entry.deliveries[Int(index)].state = .unknown
      entry.deliveries[Int(index)].isRepeat = true
      entry.deliveries[Int(index)].dueAt = entry.isWanted ? instant : .unset
      attempts.settle(debt)
      put(entry, id)
    }
  }

  /// Waiting times are elapsed: they keep their distance to now.
  public mutating func clockStepped(by span: Span) {
    for (id, var entry) in ledger {
      for index in entry.deliveries.indices where entry.deliveries[index].waits {
        entry.deliveries[index].dueAt = entry.deliveries[index].dueAt + span
      }
      entry.changedAt = entry.changedAt + span
      put(entry, id)
    }
  }

  // MARK: Debts

  public func owed(to peer: Peer, limit: Int) -> [NotificationDebt] {
    switch peer {
    case .provider: attempts.first(limit).compactMap { attempt($0).map { .attempt($0) } }
    case .escalator: receipts.first(limit).compactMap { receipt($0).map { .receipt($0) } }
    default: []
    }
  }

  public func debtSummary(to peer: Peer) -> DebtSummary {
    switch peer {
    case .provider: attempts.summary
    case .escalator: receipts.summary
    default: DebtSummary()
    }
  }

  private func attempt(_ debt: String) -> Attempt? {
    guard let (id, index) = Attempt.parse(debtID: debt), let entry = ledger[id] else { return nil }
    let delivery = entry.deliveries[Int(index)]
    return Attempt(
      subject: entry.subject, id: id, delivery: index, number: delivery.attempts, isRepeat: delivery.isRepeat,
      channel: delivery.channel,
      address: book.address(entry.person, delivery.channel, turn: entry.turn(of: Int(index))),
      name: entry.person.isEmpty ? "" : book.name(entry.person), route: book.route(delivery.channel),
      at: delivery.changedAt)
  }

  /// How a page fares, in the latest outcome.
  private func receipt(_ id: String) -> PageReceipt? {
    guard let entry = ledger[id], let page = entry.page else { return nil }
    let latest = entry.deliveries.filter { $0.state != .planned && $0.state != .due && $0.state != .cancelled }
      .max { $0.changedAt < $1.changedAt }
    let outcome: String
    switch latest?.state {
    case nil: outcome = "refused"
    case _ where entry.deliveries.allSatisfy { $0.state == .failed }: outcome = "failed"
    case .handedOver: outcome = "handed over"
    case .failed: outcome = "failed, trying the next channel"
    case .unknown: outcome = "unknown, sent again"
    default: outcome = "being tried again"
    }
    return PageReceipt(
      pageId: id, incidentId: page.incidentId, generation: entry.receiptGeneration, channel: latest?.channel ?? "",
      outcome: outcome, words: latest?.words ?? "\(page.person) has no contact method",
      happenedAt: latest?.changedAt ?? entry.changedAt, person: page.person)
  }
}
