import Machinery
import Messages

/// The ledger of every page: what was promised to whom by which channel, and how far each attempt came.
///
/// An attempt is on disk before its provider is asked; whatever was under way when a process ended is unknown, and is
/// sent again, marked as a repeat. A page is known by its id and generation for a day after it is finished with all
/// that was said, and for eight more days by its id alone (`FinishedIDs`): sent again within that time it pages nobody.
public struct Notifications: Machine {
  var book = AddressBook(NotificationConfiguration())
  /// In the order in which they came.
  var ledger = OrderedStore<LedgerEntry>()
  var idsByIncident: [String: [String]] = [:]
  var timetable = Timetable()
  /// Begun and not ended: what providers are being asked.
  var attempts = DebtQueue(urgencies: LedgerEntry.lanes)
  /// What the escalator is owed: answers to pages, then how pages fare.
  var receipts = DebtQueue(urgencies: 2)
  static let answersFirst = 0
  static let receiptsNext = 1
  /// Entries that are not finished.
  var open = 0
  var finished = FinishedIDs()
  /// By the provider's name for it, the delivery that a call was made for: a list of calls doesn't say what was said.
  var calls: [String: String] = [:]
  /// Of channels' first providers, by the channel: those that have a second.
  var health: [String: RouteHealth] = [:]
  /// The first post of each incident in each team channel.
  var heads: [ThreadKey: String] = [:]
  var watching = Watching()
  var answers = Answers()
  /// nil: pages can't be answered by their own channels.
  let answering: AnsweringTerms?

  /// How long a finished page is kept with all that was said.
  static let remembers = Span.hours(24)

  public init(answering: AnsweringTerms? = nil) {
    self.answering = answering
  }

  public var openCount: Int { open }
  public var nextDeadline: Instant? {
    guard let watch = nextWatch else { return timetable.next(underWay: attempts.count) }
    return timetable.next(underWay: attempts.count).map { min($0, watch) } ?? watch
  }

  // MARK: Deciding

  public func decide(
    _ input: NotificationInput, at now: Instant
  ) throws(Refusal) -> Decision<NotificationFact, NotificationAnswer> {
    switch input {
    case .putPage(let page): Decision(try take(page, at: now), answer: .done(Done()))
    case .putPost(let post): Decision(try take(post, at: now), answer: .done(Done()))
    case .configure(let configuration, _): try configure(configuration)
    case .accepted(let list): Decision(compare(list, at: now), answer: .done(Done()))
    case .answer(let given): try hear(given, at: now)
    case .reported(let report): Decision(try reported(report, at: now), answer: .done(Done()))
    }
  }

  private func take(_ page: Page, at now: Instant) throws(Refusal) -> [NotificationFact] {
    try PageRules.check(page)
    guard let entry = ledger[page.id] else {
      return finished.generation(of: page.id).map { page.generation <= $0 } ?? false ? [] : [try taken(page, at: now)]
    }
    guard let known = entry.page else { throw Refusal(.alreadyExists, "a post has this id", field: "id") }
    guard page.generation > known.generation else { return [] }
    guard page.wanted else {
      return [.init(kind: .pageCancelled(PageCancelled(pageId: page.id, generation: page.generation)))]
    }
    let isUnderWay = known.wanted && !entry.deliveries.isEmpty
    return [isUnderWay ? .init(kind: .pageTaken(PageTaken(page: page))) : try taken(page, at: now)]
  }

  /// A cancellation of a page that never came is taken too: the page may still arrive. A test page that can't go by its channel
  /// is refused, so that whoever asked for it sees why (S10).
  private func taken(_ page: Page, at now: Instant) throws(Refusal) -> NotificationFact {
    guard page.wanted else { return .init(kind: .pageTaken(PageTaken(page: page, remark: "answered before it came"))) }
    let plan = book.plan(page, at: now)
    guard page.purpose != .test || !plan.deliveries.isEmpty else {
      throw Refusal(.failedPrecondition, plan.remark, field: "channels")
    }
    return .init(kind: .pageTaken(PageTaken(page: page, deliveries: plan.deliveries, remark: plan.remark)))
  }

  private func take(_ post: Post, at now: Instant) throws(Refusal) -> [NotificationFact] {
    try PageRules.check(post)
    if let entry = ledger[post.id] {
      guard entry.page == nil else { throw Refusal(.alreadyExists, "a page has this id", field: "id") }
      return []
    }
    guard finished.generation(of: post.id) == nil else { return [] }
    let plan = book.plan(post, at: now)
    guard !plan.isEmpty else {
      throw Refusal(.failedPrecondition, book.unreachable(post.person), field: "person")
    }
    return [.init(kind: .postTaken(PostTaken(post: post, deliveries: plan)))]
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
      applies ? (kept.watch == nil ? watchRemoved() : []) + [.init(kind: .configured(kept))] : [],
      answer: .configured(ConfigureReply(changes: changes, applied: !wanted.dryRun)))
  }

  // MARK: Time

  /// Begins what is due of the most severe entry, or forgets one. The intent is on disk before a provider is asked.
  public func lapse(at now: Instant) -> [NotificationFact] {
    let watch = watchLapse(at: now)
    guard watch.isEmpty else { return watch }
    guard let (next, room) = timetable.toBegin(at: now, underWay: attempts.count) else {
      return timetable.toForget(at: now).map { [.init(kind: .pageForgotten(PageForgotten(pageId: $0)))] } ?? []
    }
    let id = newest(insteadOf: next, at: now)
    guard let entry = ledger[id] else { return [] }
    let due = entry.deliveries.indices.filter { entry.isDue($0, at: now) }
    guard !due.isEmpty else { return questions(id, entry, at: now) }
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
              isRepeat: delivery.isRepeat || delivery.state == .unknown,
              bySecond: passesOver(delivery, at: now))))
      ]
    }
  }

  /// Out of an outage a person may get several pages of one incident at once: the newest of them says how it stands.
  private func newest(insteadOf id: String, at now: Instant) -> String {
    guard let late = ledger[id], let page = late.page, page.age(at: late.changedAt) > AddressBook.outage else {
      return id
    }
    var newest = (id: id, pagedAt: page.pagedAt)
    for other in idsByIncident[page.incidentId] ?? [] where other != id {
      guard let entry = ledger[other], let candidate = entry.page, candidate.person == page.person,
        entry.lane == late.lane, candidate.pagedAt > newest.pagedAt,
        entry.deliveries.indices.contains(where: { entry.isDue($0, at: now) })
      else { continue }
      newest = (other, candidate.pagedAt)
    }
    return newest.id
  }

  /// The escalator hears again how the pages fare that it can still ask about.
  public mutating func peerLost(_ peer: Peer, at instant: Instant) {
    guard peer == .escalator else { return }
    let all = ledger
    all.forEach { id, known in
      guard known.tellsEscalator, known.receiptSettled > 0 else { return true }
      var entry = known
      entry.receiptSettled = 0
      put(entry, id)
      return true
    }
  }

  /// That a page is wanted no more may be among what is lost here: the escalator hears again of each that goes on.
  public mutating func skipNumbers() { peerLost(.escalator, at: .unset) }

  /// What was under way may or may not have arrived: it is sent again at once, and says so.
  public mutating func restarted(at instant: Instant) {
    waitAnew(at: instant)
    for debt in attempts.first(.max) {
      guard let (id, index) = Attempt.parse(debtID: debt), var entry = ledger[id] else { continue }
      entry.deliveries[Int(index)].interrupt(
        at: instant, isWanted: entry.isWanted, isFound: canBeFound(entry.deliveries[Int(index)]))
      attempts.settle(debt)
      put(entry, id)
    }
  }

  /// Waiting times are elapsed: they keep their distance to now.
  public mutating func clockStepped(by span: Span) {
    timetable.clear()
    watching.clockStepped(by: span)
    answers.clockStepped(by: span)
    finished.shift(by: span)
    for channel in health.keys { health[channel]?.shift(by: span) }
    ledger.updateAll { _, entry in entry.shift(by: span) }
    let all = ledger
    all.forEach { id, entry in
      setTimes(of: entry, id)
      return true
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
    case .provider: attempt(id).map { .attempt($0) }
    case .escalator: answers.owed[id].map { .answer($0) } ?? receipt(id).map { .receipt($0) }
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
      name: entry.person.isEmpty ? "" : book.name(entry.person), route: route(of: delivery),
      at: delivery.askedAt.isSet ? delivery.begunAt : delivery.changedAt, answering: answering,
      thread: thread(of: entry, id), question: question(about: delivery), generation: delivery.generation)
  }

  private func question(about delivery: DeliverySnapshot) -> Attempt.Question? {
    guard delivery.askedAt.isSet else { return nil }
    return delivery.state.rank == 0 ? .arrival(since: delivery.begunAt) : .receipt(id: delivery.providerId)
  }

  /// How a page fares, in the latest outcome. "failed" and "refused" mean that nothing reached the person, or will.
  private func receipt(_ id: String) -> PageReceipt? {
    guard let entry = ledger[id], let page = entry.page else { return nil }
    let latest = entry.latest
    let outcome =
      switch latest?.state {
      case nil: "refused"
      case .handedOver, .accepted: "handed over"
      case .delivered: "delivered"
      case .seen: "seen"
      case .acknowledged: "acknowledged"
      case .failed where entry.deliveries.contains(where: \.isOpen): "failed, trying the next channel"
      case .failed where entry.deliveries.contains { $0.state != .failed }: "failed, not the only channel"
      case .failed: "failed"
      case .unknown: latest?.isOpen ?? false ? "unknown, sent again" : "unknown"
      default: "being tried again"
      }
    let words = latest?.words ?? book.unreachable(page.person)
    return PageReceipt(
      pageId: id, incidentId: page.incidentId, generation: entry.receiptGeneration, channel: latest?.channel ?? "",
      outcome: outcome,
      words: entry.remark.isEmpty || entry.remark == words ? words : "\(words); \(entry.remark)",
      happenedAt: latest?.changedAt ?? entry.changedAt, person: page.person,
      wanted: page.wanted && entry.deliveries.contains(where: \.isOpen), purpose: page.purpose)
  }
}
