import CivilTime
import Machinery
import Messages

/// The ledger of every page: what was promised to whom by which channel, and how far each attempt came.
///
/// An attempt is on disk before its provider is asked; whatever was under way when a process ended is unknown, and is
/// sent again, marked as a repeat. A page is known by its id and generation for a day after it is finished with all
/// that was said, and for eight more days by its id alone (`FinishedIDs`): sent again within that time it pages nobody.
public struct Notifications: Machine {
  var book: AddressBook
  /// In the order in which they came.
  var ledger = OrderedStore<LedgerEntry>()
  var idsByIncident: [String: [String]] = [:]
  var timetable = Timetable()
  /// Begun and not ended: what providers are being asked.
  var attempts = UnderWay()
  /// Of attempts that are digests: which deliveries they carry besides their own.
  var digests: [String: [String]] = [:]
  /// By the delivery that leads a message: those that it told of besides (`told`). Read off them.
  var toldWith: [String: Set<String>] = [:]
  /// What the escalator is owed: answers to pages, then how pages fare.
  var receipts = DebtQueue(urgencies: 2)
  static let answersFirst = 0
  static let receiptsNext = 1
  /// By provider of a channel (`Pacing.carrier`).
  var tallies: [String: CarrierTally] = [:]
  /// Entries that are not finished.
  var open = 0
  /// How many have come.
  var arrivals: UInt64 = 0
  var finished = FinishedIDs()
  /// By the provider's name for it, the delivery that a call was made for: a list of calls doesn't say what was said. Of a digest the
  /// one that leads it.
  var calls: [String: String] = [:]
  /// By person, the calls that providers are being asked to make: one that is found may be any of them.
  var calling: [String: Set<String>] = [:]
  /// Of channels' first providers, by the channel: those that have a second.
  var health: [String: RouteHealth] = [:]
  /// The first post of each incident in each team channel.
  var heads: [ThreadKey: String] = [:]
  var watching = Watching()
  var answers = Answers()
  var signIns = SignIns()
  /// nil: pages can't be answered by their own channels.
  let answering: AnsweringTerms?

  /// How long a finished page is kept with all that was said.
  static let remembers = Span.hours(24)

  /// Those that quiet hours may name.
  let zones: TimeZones

  /// - Parameters:
  ///   - zones: those that quiet hours may name.
  ///   - answering: how pages can be answered by their own channels; nil: not at all.
  public init(zones: TimeZones = TimeZones(), answering: AnsweringTerms? = nil) {
    self.zones = zones
    self.answering = answering
    book = AddressBook(NotificationConfiguration(), zones: zones)
  }

  public var openCount: Int { open }
  public var nextDeadline: Instant? {
    guard let watch = nextWatch else { return timetable.next(attempts) }
    return timetable.next(attempts).map { min($0, watch) } ?? watch
  }

  // MARK: Deciding

  public func decide(
    _ input: NotificationInput, at now: Instant
  ) throws(Refusal) -> Decision<NotificationFact, NotificationAnswer> {
    switch input {
    case .putPage(let page): Decision(try take(page, at: now), answer: .done(Done()))
    case .putPost(let post): Decision(try take(post, at: now), answer: .done(Done()))
    case .configure(let configuration, _): try configure(configuration)
    case .eraseContact(let request, let caller): try erase(request, by: caller)
    case .putMethod(let request): try put(request, at: now)
    case .removeMethod(let request): try remove(request, at: now)
    case .putRules(let request): try put(request, at: now)
    case .putQuietHours(let request): try put(request, at: now)
    case .accepted(let list, let intake): Decision(compare(list, of: intake, at: now), answer: .done(Done()))
    case .answer(let given): try hear(given, at: now)
    case .link(let link): try hear(link, at: now)
    case .signIn(let input): try signIn(input, at: now)
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
    let isUnderWay =
      known.wanted && !entry.deliveries.isEmpty && !(becomesAudible(page, known) && book.isQuiet(page.person, at: now))
    return [isUnderWay ? .init(kind: .pageTaken(PageTaken(page: page))) : try taken(page, at: now)]
  }

  /// What waited for the end of quiet hours doesn't any more: it is planned anew.
  private func becomesAudible(_ page: Page, _ known: Page) -> Bool {
    known.severity.mayWait && page.severity.mustBeHeard
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
    try wanted.check(zones: zones)
    var kept = wanted
    kept.dryRun = false
    kept.salt = []
    try checkOwn(under: kept)
    let changes = kept.changes(from: book.configuration)
    let applies = !wanted.dryRun && !changes.isEmpty
    return Decision(
      applies ? (kept.watch == nil ? watchRemoved() : []) + [.init(kind: .configured(kept))] : [],
      answer: .configured(
        ConfigureReply(
          changes: changes + ownWords(under: kept, isDryRun: wanted.dryRun) + unansweredWords(under: kept),
          applied: !wanted.dryRun)))
  }

  // MARK: Time

  /// Begins the worst message that is due, asks a provider, or forgets an entry. The intent is on disk before a provider is asked.
  ///
  /// A question goes before all that can wait: it is about what may have arrived already, and would be sent again meanwhile.
  public func lapse(at now: Instant) -> [NotificationFact] {
    let watch = watchLapse(at: now)
    guard watch.isEmpty else { return watch }
    if let message = timetable.toBegin(in: UnderWay.worst, at: now, attempts) { return begin(message, at: now) }
    if let asked = timetable.toAsk(at: now, attempts) { return question(asked) }
    if let message = timetable.toBegin(in: UnderWay.worst.upperBound..<LedgerEntry.lanes, at: now, attempts) {
      return begin(message, at: now)
    }
    return timetable.toForget(at: now).map { [.init(kind: .pageForgotten(PageForgotten(pageId: $0)))] } ?? []
  }

  private func begin(_ message: (deliveries: [String], takesSlot: Bool), at now: Instant) -> [NotificationFact] {
    begin(message.deliveries.compactMap { Attempt.parse(debtID: $0) }, takesSlot: message.takesSlot, at: now)
  }

  /// The escalator hears again how the pages fare that it can still ask about, and what people answered: it knows the answers
  /// that it still has by their ids, and acts on the others as it did before.
  public mutating func peerLost(_ peer: Peer, at instant: Instant) {
    guard peer == .escalator else { return }
    oweAnswersAgain(at: instant)
    oweReceiptsAgain()
  }

  /// That a page is wanted no more may be among what is lost here: the escalator hears again of each that goes on. Pages of the
  /// watch have the number of their alarm in their ids, by which a provider knows what it has had already.
  public mutating func skipNumbers(over lost: Span) {
    oweReceiptsAgain()
    watching.skipNumbers(lost.numbersLost(margin: 1_000, perSecond: 1))
  }

  private mutating func oweReceiptsAgain() {
    let all = ledger
    all.forEach { id, known in
      guard known.tellsEscalator, known.receiptSettled > 0 else { return true }
      var entry = known
      entry.receiptSettled = 0
      put(entry, id)
      return true
    }
  }

  /// What was under way may or may not have arrived: it is sent again at once, and says so.
  public mutating func restarted(at instant: Instant) {
    waitAnew(at: instant)
    for debt in attempts.first(.max) {
      guard let (id, index) = Attempt.parse(debtID: debt), let lead = ledger[id] else { continue }
      let delivery = lead.deliveries[Int(index)]
      if delivery.state == .due {
        let place = lead.place(of: Int(index))
        timetable.ended(debt, to: place, reached: delivery.reported != .failed, at: instant)
        let state = delivery.reported.rank > 0 ? delivery.reported : .unknown
        tallies[place.carrier, default: CarrierTally()].ended(state, "cut off by a restart", at: instant)
      }
      for one in [debt] + (digests[debt] ?? []) {
        guard let (id, index) = Attempt.parse(debtID: one) else { continue }
        interrupt(id, delivery: Int(index), at: instant)
      }
      attempts.settle(debt)
      digests[debt] = nil
    }
  }

  /// Waiting times are elapsed: they keep their distance to now. Quiet hours end by the clock on the wall.
  public mutating func clockStepped(by span: Span) {
    watching.clockStepped(by: span)
    answers.clockStepped(by: span)
    signIns.clockStepped(by: span)
    finished.shift(by: span)
    timetable.shiftPacing(by: span)
    for channel in health.keys { health[channel]?.shift(by: span) }
    for carrier in Array(tallies.keys) { tallies[carrier]?.shift(by: span) }
    let book = book
    ledger.updateAll { _, entry in
      entry.shift(by: span)
      book.followQuietHours(&entry)
    }
    setAllTimes()
  }

  // MARK: Debts

  public func debts(to peer: Peer) -> DebtQueue? {
    switch peer {
    case .provider: attempts.queue
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
      thread: thread(of: entry, id), question: question(about: delivery),
      knownIDs: delivery.askedAt.isSet ? entry.knownIDs : [], generation: delivery.generation,
      others: parts(of: debt))
  }

  private func question(about delivery: DeliverySnapshot) -> Attempt.Question? {
    guard delivery.askedAt.isSet else { return nil }
    return delivery.state.rank == 0 ? .arrival(since: delivery.begunAt) : .receipt(id: delivery.providerId)
  }

  /// What a digest tells besides its first page, in an order that is read off the pages.
  private func parts(of debt: String) -> [Attempt.Part] {
    carried(by: debt).compactMap { id, index in
      guard let entry = ledger[id], let page = entry.page else { return nil }
      let delivery = entry.deliveries[Int(index)]
      return Attempt.Part(page: page, delivery: index, number: delivery.attempts, isRepeat: delivery.isRepeat)
    }
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
