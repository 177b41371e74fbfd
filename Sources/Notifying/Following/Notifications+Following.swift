import Machinery
import Messages

/// What becomes of a page after a provider was asked to take it (requirement N3): what it reports, and what it says when it is asked.
extension Notifications {
  /// The questions of an entry that are due.
  func questions(_ id: String, _ entry: LedgerEntry, at now: Instant) -> [NotificationFact] {
    entry.deliveries.indices.filter { entry.deliveries[$0].isToBeAsked(at: now) }.map { index in
      let delivery = entry.deliveries[index]
      return .init(
        kind: .attemptBegun(
          AttemptBegun(
            pageId: id, delivery: UInt32(index), attempt: delivery.attempts, isRepeat: delivery.isRepeat,
            question: delivery.questions + 1)))
    }
  }

  /// Whether the provider that was asked last can be asked what it has. A digest is not looked for: what is sent again tells of
  /// other pages than it did.
  func canBeFound(_ delivery: DeliverySnapshot) -> Bool {
    delivery.digestOf == 0 && kind(of: delivery)?.findsPages ?? false
  }

  /// When the provider of what is handed over is next asked for a receipt; `.unset`: never. Only where somebody must be woken,
  /// because each question is a request that pages need; of a digest, for the page that leads it.
  func nextAsk(_ entry: LedgerEntry, _ delivery: DeliverySnapshot, at now: Instant) -> Instant {
    guard let page = entry.page, page.wanted, page.purpose == .duty, page.severity.mustBeHeard,
      delivery.carrier.isEmpty, kind(of: delivery)?.givesReceipts ?? false
    else { return .unset }
    let begunAt = delivery.begunAt
    return ReceiptTimes.next(after: max(.zero, now - begunAt)).map { begunAt + $0 } ?? .unset
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

  /// A provider has said by itself how far a delivery came. What is known already, or is about an attempt that was given up, changes
  /// nothing.
  func reported(_ report: DeliveryReported, at now: Instant) throws(Refusal) -> [NotificationFact] {
    guard let entry = ledger[report.pageId] else { return [] }
    guard entry.deliveries.indices.contains(Int(report.delivery)) else {
      throw .invalid("delivery", "page \(report.pageId) has \(entry.deliveries.count) deliveries")
    }
    guard report.state.rank > 0 else {
      throw .invalid("state", "must be HANDED_OVER, ACCEPTED, DELIVERED, SEEN, ACKNOWLEDGED or FAILED")
    }
    let delivery = entry.deliveries[Int(report.delivery)]
    let isAnother =
      !report.providerId.isEmpty && !delivery.providerId.isEmpty && report.providerId != delivery.providerId
    let isOfLast = !isAnother && (delivery.state == .due || delivery.state == .unknown || delivery.state.rank > 0)
    // That somebody has it is true of whichever attempt.
    guard delivery.attempts > 0, isOfLast || report.state.rank > DeliveryState.failed.rank else { return [] }
    var news = report
    news.words = words(report.words, about: entry.person)
    news.isAnswer = false
    return followed(news, entry, at: now)
  }

  /// A provider has answered a question.
  func answered(_ settlement: Settlement, _ id: String, delivery index: UInt32, at now: Instant) -> [NotificationFact] {
    guard let entry = ledger[id] else { return [] }
    let delivery = entry.deliveries[Int(index)]
    var news = DeliveryReported(
      pageId: id, delivery: index, words: words(settlement.words, about: entry.person), isAnswer: true,
      dueAt: delivery.dueAt)
    let isLookedFor = delivery.state.rank == 0
    let isAnothers = isLookedFor && calls[settlement.reference].map { $0 != settlement.key.id } ?? false
    if settlement.status == .ok, !isAnothers {
      news.providerId = settlement.reference
      news.state = isLookedFor && settlement.reached == .unspecified ? .handedOver : settlement.reached
    } else if isLookedFor {
      if isAnothers { news.words = "\(settlement.reference) is another page's" }
      lookAgain(&news, delivery, after: isAnothers ? .notFound : settlement.status, at: now)
    }
    return followed(news, entry, at: now)
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
      let isOver = known.isLastWord || !entry.isWanted
      if !isOver { news.askAt = news.isAnswer ? nextAsk(entry, delivery, at: now) : delivery.askAt }
    }
    let isLate = now - delivery.begunAt >= ReceiptTimes.missing
    news.isMissing =
      news.isAnswer && news.state == .unspecified && delivery.state.rank > 0 && !delivery.state.isLastWord && isLate
      && !delivery.isMissed
    let judgement = judged(delivery, failed: nil, missing: news.missing, at: now)
    guard news.state == .failed, delivery.state != .due else { return [.init(kind: .reported(news))] + judgement }
    if entry.isWanted, delivery.secondFrom == 0, book.second(delivery.channel) != nil {
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
