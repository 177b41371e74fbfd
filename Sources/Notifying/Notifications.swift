import Machinery
import Messages

/// The ledger of every page: what was promised to whom by which channel, and how far each attempt came.
///
/// An attempt is on disk before its provider is asked; whatever was under way when a process ended is unknown, and is
/// sent again, marked as a repeat.
public struct Notifications: Machine {
  var book = AddressBook(NotificationConfiguration())
  var ledger: [String: LedgerEntry] = [:]
  var order = OpeningOrder()
  var idsByIncident: [String: [String]] = [:]
  var timetable = Timetable()
  /// Begun and not ended: what providers are being asked.
  var attempts = DebtQueue(urgencies: LedgerEntry.lanes)
  var receipts = DebtQueue(urgencies: 1)
  /// Entries that are not finished.
  var open = 0

  /// How long a finished page is remembered, so that a late copy of it pages nobody.
  static let remembers = Span.hours(24)

  public init() {}

  public var openCount: Int { open }
  public var nextDeadline: Instant? { timetable.next(underWay: attempts.count) }

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
    guard let entry = ledger[page.id] else { return [taken(page, at: now)] }
    guard let known = entry.page else { throw Refusal(.alreadyExists, "a post has this id", field: "id") }
    guard page.generation > known.generation else { return [] }
    guard page.wanted else {
      return [.init(kind: .pageCancelled(PageCancelled(pageId: page.id, generation: page.generation)))]
    }
    let isUnderWay = known.wanted && !entry.deliveries.isEmpty
    return [isUnderWay ? .init(kind: .pageTaken(PageTaken(page: page))) : taken(page, at: now)]
  }

  /// A cancellation of a page that never came is taken too: the page may still arrive.
  private func taken(_ page: Page, at now: Instant) -> NotificationFact {
    guard page.wanted else { return .init(kind: .pageTaken(PageTaken(page: page, remark: "answered before it came"))) }
    let plan = book.plan(page, at: now)
    return .init(kind: .pageTaken(PageTaken(page: page, deliveries: plan.deliveries, remark: plan.remark)))
  }

  private func take(_ post: Post) throws(Refusal) -> [NotificationFact] {
    guard !post.id.isEmpty else { throw .invalid("id", "must not be empty") }
    guard !post.channel.isEmpty || !post.person.isEmpty else {
      throw .invalid("channel", "a channel or a person is needed")
    }
    if let entry = ledger[post.id] {
      guard entry.page == nil else { throw Refusal(.alreadyExists, "a page has this id", field: "id") }
      return []
    }
    guard !post.channel.isEmpty || !book.quietChannel(of: post.person).isEmpty else {
      throw Refusal(.failedPrecondition, book.unreachable(post.person), field: "person")
    }
    return [.init(kind: .postTaken(PostTaken(post: post)))]
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

  /// Begins what is due of the most severe entry, or forgets one. The intent is on disk before a provider is asked.
  public func lapse(at now: Instant) -> [NotificationFact] {
    guard let (id, room) = timetable.toBegin(at: now, underWay: attempts.count), let entry = ledger[id] else {
      return timetable.toForget(at: now).map { [.init(kind: .pageForgotten(PageForgotten(pageId: $0)))] } ?? []
    }
    let due = entry.deliveries.indices.filter { entry.deliveries[$0].waits && entry.deliveries[$0].dueAt <= now }
    return due.prefix(room).flatMap { index -> [NotificationFact] in
      let delivery = entry.deliveries[index]
      guard !book.address(entry.person, delivery.channel, turn: 0).isEmpty else {
        return lost(id, entry, delivery: index, at: now)
      }
      return [
        .init(
          kind: .attemptBegun(
            AttemptBegun(
              pageId: id, delivery: UInt32(index), attempt: delivery.attempts + 1,
              isRepeat: delivery.isRepeat || delivery.state == .unknown)))
      ]
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

  public func debts(to peer: Peer) -> DebtQueue? {
    switch peer {
    case .provider: attempts
    case .escalator: receipts
    default: nil
    }
  }

  public func debt(_ id: String, to peer: Peer) -> NotificationDebt? {
    switch peer {
    case .provider where attempts.contains(id): attempt(id).map { .attempt($0) }
    case .escalator where receipts.contains(id): receipt(id).map { .receipt($0) }
    default: nil
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

  /// How a page fares, in the latest outcome. "failed" and "refused" mean that nothing reached the person, or will.
  private func receipt(_ id: String) -> PageReceipt? {
    guard let entry = ledger[id], let page = entry.page else { return nil }
    let latest = entry.latest
    let outcome =
      switch latest?.state {
      case nil: "refused"
      case .handedOver: "handed over"
      case .failed where entry.deliveries.contains(where: \.isOpen): "failed, trying the next channel"
      case .failed where entry.deliveries.contains { $0.state != .failed }: "failed, not the only channel"
      case .failed: "failed"
      case .unknown: entry.isWanted ? "unknown, sent again" : "unknown"
      default: "being tried again"
      }
    return PageReceipt(
      pageId: id, incidentId: page.incidentId, generation: entry.receiptGeneration, channel: latest?.channel ?? "",
      outcome: outcome, words: latest?.words ?? book.unreachable(page.person),
      happenedAt: latest?.changedAt ?? entry.changedAt, person: page.person)
  }
}
