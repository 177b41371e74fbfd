import Machinery
import Messages

/// What becomes of a page after a provider was asked to take it (requirement N3): what it reports, and what it says when it is asked.
extension Notifications {
  /// What its provider is asked about a delivery.
  func question(_ asked: String) -> [NotificationFact] {
    guard let (id, index) = Attempt.parse(debtID: asked), let delivery = ledger[id]?.deliveries[Int(index)] else {
      return []
    }
    return [
      .init(
        kind: .attemptBegun(
          AttemptBegun(
            pageId: id, delivery: index, attempt: delivery.attempts, isRepeat: delivery.isRepeat,
            question: delivery.questions + 1)))
    ]
  }

  /// Whether the provider that was asked last can be asked what it has. A digest is not looked for: what is sent again tells of
  /// other pages than it did.
  func canBeFound(_ delivery: DeliverySnapshot) -> Bool {
    delivery.digestOf == 0 && kind(of: delivery)?.findsPages ?? false
  }

  /// When the provider of what is handed over is next asked for a receipt; `.unset`: never. Only where somebody must be woken,
  /// because each question is a request that pages need; of a digest once, for whichever of its pages.
  func nextAsk(_ id: String, _ entry: LedgerEntry, delivery index: Int, at now: Instant) -> Instant {
    let delivery = entry.deliveries[index]
    guard delivery.toldWith.isEmpty, kind(of: delivery)?.givesReceipts ?? false,
      tells(id, entry, delivery: index, \.mustArrive)
    else { return .unset }
    let begunAt = delivery.begunAt
    return ReceiptTimes.next(after: max(.zero, now - begunAt)).map { begunAt + $0 } ?? .unset
  }

  /// Whether a call that was found is known to be of another message, or may be: one of another message to the same person is being
  /// made, and its provider's list doesn't say which is which.
  private func isAnothersCall(_ reference: String, _ entry: LedgerEntry, _ index: Int, _ id: String) -> Bool {
    let own = Attempt.debtID(id, UInt32(index))
    if let known = calls[reference] { return known != own }
    return entry.deliveries[index].channel == PersonalChannel.voice.rawValue
      && calling[entry.person]?.contains { $0 != own } ?? false
  }

  private func kind(of delivery: DeliverySnapshot) -> ProviderKind? {
    ProviderKind(rawValue: route(of: delivery).provider)
  }

  /// The route by which a delivery was sent last, or is sent now.
  func route(of delivery: DeliverySnapshot) -> ChannelRoute {
    (delivery.isWithSecond ? book.second(delivery.channel) : nil) ?? book.route(delivery.channel)
  }

  /// Somebody has answered by this very page: it was seen, by the channel that the answer came by.
  mutating func acknowledge(_ answer: PageAnswer, at instant: Instant) {
    guard var entry = ledger[answer.pageId] else { return }
    for index in entry.deliveries.indices
    where entry.deliveries[index].channel == answer.channel && entry.deliveries[index].attempts > 0 {
      entry.deliveries[index].acknowledge(at: instant)
    }
    put(entry, answer.pageId)
  }

  // MARK: Reports

  /// A provider has said by itself how far a delivery came, and all that its message told of. What is known already, or is about an
  /// attempt that was given up, changes nothing.
  func reported(_ report: DeliveryReported, at now: Instant) throws(Refusal) -> [NotificationFact] {
    guard let entry = ledger[report.pageId] else { return [] }
    guard entry.deliveries.indices.contains(Int(report.delivery)) else {
      throw .invalid("delivery", "page \(report.pageId) has \(entry.deliveries.count) deliveries")
    }
    guard report.state.rank > 0 else {
      throw .invalid("state", "must be HANDED_OVER, ACCEPTED, DELIVERED, SEEN, ACKNOWLEDGED or FAILED")
    }
    let last = entry.deliveries[Int(report.delivery)].attempts
    let attempt = report.attempt == 0 ? last : report.attempt
    return believed(report, entry, isOfLast: attempt == last, at: now) + toldToo(report, attempt: attempt, at: now)
  }

  private func believed(
    _ report: DeliveryReported, _ entry: LedgerEntry, isOfLast: Bool, at now: Instant
  ) -> [NotificationFact] {
    let delivery = entry.deliveries[Int(report.delivery)]
    let isAnother =
      !report.providerId.isEmpty && !delivery.providerId.isEmpty && report.providerId != delivery.providerId
    let counts =
      isOfLast && !isAnother && (delivery.state == .due || delivery.state == .unknown || delivery.state.rank > 0)
    // That somebody has it is true of whichever attempt.
    guard delivery.attempts > 0, counts || report.state.rank > DeliveryState.failed.rank else { return [] }
    var news = report
    news.words = words(report.words, about: entry.person)
    news.isAnswer = false
    return followed(news, entry, at: now)
  }

  /// The same news of each page that the message told of besides.
  private func toldToo(_ report: DeliveryReported, attempt: UInt32, at now: Instant) -> [NotificationFact] {
    guard report.state.rank > 0 else { return [] }
    return told(with: Attempt.debtID(report.pageId, report.delivery), attempt: attempt).flatMap { id, index in
      ledger[id].map { entry in
        let news = DeliveryReported(
          pageId: id, delivery: index, providerId: report.providerId, state: report.state, words: report.words)
        return believed(news, entry, isOfLast: true, at: now)
      } ?? []
    }
  }

  /// A provider has answered a question.
  func answered(_ settlement: Settlement, _ id: String, delivery index: UInt32, at now: Instant) -> [NotificationFact] {
    guard let entry = ledger[id] else { return [] }
    let delivery = entry.deliveries[Int(index)]
    var news = DeliveryReported(
      pageId: id, delivery: index, words: words(settlement.words, about: entry.person), isAnswer: true,
      dueAt: delivery.dueAt)
    let isLookedFor = delivery.state.rank == 0
    let isAnothers =
      isLookedFor && settlement.status == .ok && isAnothersCall(settlement.reference, entry, Int(index), id)
    if settlement.status == .ok, !isAnothers {
      news.providerId = settlement.reference
      news.state = isLookedFor && settlement.reached == .unspecified ? .handedOver : settlement.reached
    } else if isLookedFor {
      if isAnothers { news.words = "\(settlement.reference) is another page's, or may be" }
      lookAgain(&news, delivery, after: isAnothers ? .notFound : settlement.status, at: now)
    }
    return followed(news, entry, at: now) + toldToo(news, attempt: delivery.attempts, at: now)
  }

  /// It is not there, or not yet; or that can't be told.
  private func lookAgain(
    _ news: inout DeliveryReported, _ delivery: DeliverySnapshot, after status: Status, at now: Instant
  ) {
    if status == .notFound, delivery.questions < Looking.times {
      news.askAt = max(now, delivery.askedAt + Looking.again)
    } else if delivery.dueAt.isSet, status == .notFound || delivery.secondFrom > delivery.attempts {
      news.dueAt = now
    }
  }

  /// What follows from news about a delivery.
  private func followed(_ report: DeliveryReported, _ entry: LedgerEntry, at now: Instant) -> [NotificationFact] {
    let delivery = entry.deliveries[Int(report.delivery)]
    var news = report
    if news.state.rank <= max(delivery.state.rank, delivery.reported.rank) { news.state = .unspecified }
    guard news.isAnswer || news.state != .unspecified else { return [] }
    let isTaken = news.state != .unspecified || delivery.state.rank > 0
    if isTaken {
      news.dueAt = .unset
      let known = news.state == .unspecified ? delivery.state : news.state
      let index = Int(report.delivery)
      let isOver = known.isLastWord || !tells(report.pageId, entry, delivery: index, \.isWanted)
      if !isOver {
        news.askAt = news.isAnswer ? nextAsk(report.pageId, entry, delivery: index, at: now) : delivery.askAt
      }
    }
    let isLate = now - delivery.begunAt >= ReceiptTimes.missing
    news.isMissing =
      news.isAnswer && news.state == .unspecified && delivery.state.rank > 0 && !delivery.state.isLastWord && isLate
      && !delivery.isMissed
    // A digest is one message, whatever it tells.
    let judgement = delivery.toldWith.isEmpty ? judged(delivery, failed: nil, missing: news.missing, at: now) : []
    guard news.state == .failed, delivery.state != .due else { return [.init(kind: .reported(news))] + judgement }
    if goesToSecond(entry, delivery) {
      news.state = .retrying
      news.secondNext = true
      news.dueAt = now
    }
    return [.init(kind: .reported(news))] + judgement
      + bringForward(report.pageId, entry, from: Int(report.delivery), because: news.words, at: now)
  }

  /// What a provider had and then could not deliver has cost time already: the next channel waits no longer.
  private func bringForward(
    _ id: String, _ entry: LedgerEntry, from failing: Int, because words: String, at now: Instant
  ) -> [NotificationFact] {
    guard entry.isWanted, let next = entry.nextPlanned(besides: failing),
      !entry.deliveries[next].dueAt.isSet || entry.deliveries[next].dueAt > now
    else { return [] }
    let channel = entry.deliveries[failing].channel
    return [
      .init(
        kind: .broughtForward(
          BroughtForward(pageId: id, delivery: UInt32(next), dueAt: now, because: "\(channel) failed: \(words)")))
    ]
  }
}
