import Machinery
import Messages

/// How facts change the ledger.
extension Notifications {
  public mutating func apply(_ fact: NotificationFact, at instant: Instant) {
    switch fact.kind {
    case .pageTaken(let taken): take(taken, at: instant)
    case .pageCancelled(let cancelled): cancel(cancelled, at: instant)
    case .postTaken(let taken): take(taken, at: instant)
    case .attemptBegun(let begun):
      begin(begun, at: instant)
      noteTold(begun, at: instant)
    case .attemptEnded(let ended): end(ended, at: instant)
    case .reported(let report): hear(report, at: instant)
    case .broughtForward(let moved):
      change(moved.pageId, at: instant) {
        $0.bringForward(Int(moved.delivery), to: moved.dueAt, because: moved.because, at: instant)
      }
    case .receiptHandedOver(let handedOver):
      change(handedOver.pageId, at: instant) { $0.receiptSettled = max($0.receiptSettled, handedOver.generation) }
    case .configured(let configuration):
      follow(configuration.watch, before: book.configuration.watch, at: instant)
      let before = book
      book = book.following(configuration)
      timetable.follow(book, before: before)
      setAllTimes()
      forgetHealth(besides: before)
    case .pageForgotten(let forgotten): forget(forgotten.pageId, at: instant)
    case .finishedIds(let finished):
      for one in finished.ids { self.finished.add(one.id, generation: one.generation, at: one.forgottenAt) }
    case .pageSnapshot(let snapshot): restore(snapshot)
    case .postSnapshot(let snapshot): restore(snapshot)
    case .compared(let compared): apply(compared, at: instant)
    case .watchAlarmed(let alarmed): apply(alarmed)
    case .watchEnded: watching.alarm = nil
    case .providerJudged(let judged): apply(judged)
    case .providerHealth(let snapshot): restore(snapshot)
    case .watch(let snapshot): restore(snapshot)
    case .answerTaken(let taken): apply(taken, at: instant)
    case .answerSettled(let settled): apply(settled, at: instant)
    case .answerRefused(let refused): refuse(refused, at: instant)
    case .answers(let snapshot): restore(snapshot)
    case .contactErased(let erased): book.forget(erased.person)
    case .pacing(let snapshot): timetable.restore(snapshot)
    case .contactChanged(let changed): book.put(changed)
    case .carrier(let record): tallies[record.carrier, default: CarrierTally()].restore(record)
    case .signInAsked(let asked): signIns.ask(asked, at: instant)
    case .signInEntered(let entered): signIns.enter(entered, at: instant)
    case .signedOut(let out): signIns.signOut(out, at: instant)
    case .signIns(let snapshot): signIns.restore(snapshot)
    case nil: break
    }
  }

  private mutating func take(_ taken: PageTaken, at instant: Instant) {
    guard let page = taken.page else { return }
    var entry = ledger[page.id] ?? LedgerEntry(subject: .page(page), changedAt: instant)
    entry.subject = .page(page)
    entry.changedAt = instant
    if !taken.remark.isEmpty || !taken.deliveries.isEmpty { entry.remark = taken.remark }
    if !taken.deliveries.isEmpty { entry.cancelWaiting() }
    entry.plan(taken.deliveries, at: instant, isRepeat: page.age(at: instant) > FinishedIDs.remembers)
    if entry.isForNow(at: instant) {
      entry.isFirst = entry.isFirst || timetable.pacing.isFirst(page, at: instant)
      timetable.note(page, at: instant)
    }
    if page.wanted, entry.deliveries.isEmpty, entry.tellsEscalator { entry.receiptGeneration += 1 }
    if page.wanted, let answer = answers.stopping(page.person, about: page.incidentId) { entry.answerID = answer }
    if watching.missing[page.incidentId] != nil { watching.missing[page.incidentId] = nil }
    if entry.tellsEscalator { watching.paged.note(page, at: instant - page.age(at: instant)) }
    put(entry, page.id)
  }

  private mutating func take(_ taken: PostTaken, at instant: Instant) {
    guard let post = taken.post, ledger[post.id] == nil else { return }
    var entry = LedgerEntry(subject: .post(post), changedAt: instant)
    entry.plan(taken.deliveries, at: instant, isRepeat: post.age(at: instant) > FinishedIDs.remembers)
    put(entry, post.id)
  }

  private mutating func end(_ ended: AttemptEnded, at instant: Instant) {
    let debt = Attempt.debtID(ended.pageId, ended.delivery)
    // Of a delivery that was given up a question may be under way: that is no attempt.
    if attempts.contains(debt), let entry = ledger[ended.pageId], entry.deliveries[Int(ended.delivery)].state == .due {
      let place = entry.place(of: Int(ended.delivery))
      let reached = ended.state.wasTaken || ended.state == .unknown
      timetable.ended(debt, to: place, reached: reached, at: instant)
      tallies[place.carrier, default: CarrierTally()].ended(ended.state, ended.words, at: instant)
    }
    attempts.settle(debt)
    digests[debt] = nil
    notePassed(ended, at: instant)
    if let delivery = ledger[ended.pageId]?.deliveries[Int(ended.delivery)], delivery.carrier.isEmpty {
      noteOutcome(delivery, failed: ended.failed, at: instant)
    }
    change(ended.pageId, at: instant) { entry in
      entry.deliveries[Int(ended.delivery)].end(ended, at: instant)
      if entry.page == nil, ended.state.wasTaken { entry.cancelWaiting() }
      if entry.tellsEscalator, ended.state != .cancelled { entry.receiptGeneration += 1 }
    }
    if ended.state.wasTaken, let entry = ledger[ended.pageId] { noteHead(entry, ended.pageId) }
  }

  private mutating func hear(_ report: DeliveryReported, at instant: Instant) {
    if report.isAnswer { attempts.settle(Attempt.debtID(report.pageId, report.delivery)) }
    if let delivery = ledger[report.pageId]?.deliveries[Int(report.delivery)], delivery.toldWith.isEmpty {
      noteOutcome(delivery, failed: nil, missing: report.missing, at: instant)
    }
    change(report.pageId, at: instant) { entry in
      let wasDue = entry.deliveries[Int(report.delivery)].state == .due
      let wasUnknown = entry.deliveries[Int(report.delivery)].state == .unknown
      entry.deliveries[Int(report.delivery)].report(report, at: instant)
      guard !wasDue, report.state != .unspecified else { return }
      if entry.page == nil, report.state.wasTaken { entry.cancelWaiting() }
      // That a network has it changes nothing for whoever waits for an answer.
      if entry.tellsEscalator, report.state != .accepted || wasUnknown { entry.receiptGeneration += 1 }
    }
    if report.state.wasTaken, let entry = ledger[report.pageId] { noteHead(entry, report.pageId) }
  }

  mutating func change(_ id: String, at instant: Instant, _ body: (inout LedgerEntry) -> Void) {
    guard var entry = ledger[id] else { return }
    body(&entry)
    entry.changedAt = instant
    put(entry, id)
  }

  /// Store an entry, and put it where it belongs among the due and the owed.
  mutating func put(_ entry: LedgerEntry, _ id: String) {
    let before = ledger[id]
    var entry = entry
    if let before {
      open -= before.isFinished ? 0 : 1
    } else {
      arrivals += 1
      entry.arrival = arrivals
      finished.remove(id)
      if let answering, let page = entry.page, page.isAnsweredByChannel { answers.note(page, answering) }
      idsByIncident[entry.incidentID, default: []].append(id)
    }
    ledger[id] = entry
    open += entry.isFinished ? 0 : 1
    noteCalls(before, entry, id)
    noteTold(before, entry, id)
    if entry.owesReceipt {
      receipts.owe(
        DebtKey(id: id, generation: entry.receiptGeneration), urgency: Self.receiptsNext, since: entry.changedAt)
    } else {
      receipts.settle(id)
    }
    timetable.set(id, from: before, to: entry)
  }

  /// Every time has changed, or may have.
  mutating func setAllTimes() {
    timetable.clear()
    let all = ledger
    all.forEach { id, entry in
      timetable.set(id, from: nil, to: entry)
      return true
    }
  }

  private mutating func forget(_ id: String, at instant: Instant) {
    guard let entry = ledger[id] else { return }
    ledger.remove(id)
    forgetHead(entry, id)
    noteCalls(entry, nil, id)
    noteTold(entry, nil, id)
    if entry.page?.purpose != .synthetic { finished.add(id, generation: entry.generation, at: instant) }
    if let page = entry.page { watching.paged.forget(page, before: instant - Self.remembers) }
    if let answering, let page = entry.page, page.isAnsweredByChannel { answers.forget(page, answering) }
    open -= entry.isFinished ? 0 : 1
    timetable.set(id, from: entry, to: nil)
    receipts.settle(id)
    idsByIncident[entry.incidentID]?.removeAll { $0 == id }
    if idsByIncident[entry.incidentID]?.isEmpty ?? false { idsByIncident[entry.incidentID] = nil }
  }

  // MARK: Checkpoints

  public func condensed() -> [NotificationFact] {
    var facts =
      [NotificationFact(kind: .configured(book.configuration))] + watchSnapshot + healthSnapshot + answersSnapshot
    if signIns.snapshot != SignInsSnapshot() { facts.append(.init(kind: .signIns(signIns.snapshot))) }
    facts += book.own.sorted { $0.key < $1.key }.map { .init(kind: .contactChanged($0.value)) }
    let ids = finished.all
    for start in stride(from: 0, to: ids.count, by: 1_000) {
      facts.append(.init(kind: .finishedIds(FinishedIds(ids: Array(ids[start..<min(start + 1_000, ids.count)])))))
    }
    facts += timetable.pacing.snapshots.map { .init(kind: .pacing($0)) }
    facts += tallies.sorted { $0.key < $1.key }.map { .init(kind: .carrier($0.value.record(of: $0.key))) }
    ledger.forEach { id, entry in
      switch entry.subject {
      case .page(let page):
        facts.append(
          .init(
            kind: .pageSnapshot(
              LedgerPage(
                page: page, deliveries: entry.deliveries, receiptGeneration: entry.receiptGeneration,
                receiptSettled: entry.receiptSettled, cancelled: !page.wanted, changedAt: entry.changedAt,
                remark: entry.remark, answerId: entry.answerID, isFirst: entry.isFirst, refused: entry.refused))))
      case .post(let post):
        facts.append(
          .init(
            kind: .postSnapshot(
              LedgerPost(
                post: post, deliveries: entry.deliveries, changedAt: entry.changedAt, isHead: isHead(entry, id)))))
      }
      return true
    }
    return facts
  }

  private mutating func restore(_ snapshot: LedgerPage) {
    guard let page = snapshot.page else { return }
    restore(
      LedgerEntry(
        subject: .page(page), deliveries: snapshot.deliveries, receiptGeneration: snapshot.receiptGeneration,
        receiptSettled: snapshot.receiptSettled, remark: snapshot.remark, isFirst: snapshot.isFirst,
        changedAt: snapshot.changedAt, answerID: snapshot.answerId, refused: snapshot.refused), page.id)
  }

  private mutating func restore(_ snapshot: LedgerPost) {
    guard let post = snapshot.post else { return }
    let entry = LedgerEntry(subject: .post(post), deliveries: snapshot.deliveries, changedAt: snapshot.changedAt)
    restore(entry, post.id)
    if snapshot.isHead, let key = entry.threadKey { heads[key] = post.id }
  }

  private mutating func restore(_ entry: LedgerEntry, _ id: String) {
    put(entry, id)
    for (index, delivery) in entry.deliveries.enumerated() where delivery.state == .due || delivery.askedAt.isSet {
      guard delivery.carrier.isEmpty else {
        digests[delivery.carrier, default: []].append(Attempt.debtID(id, UInt32(index)))
        continue
      }
      if delivery.state == .due { tallies[entry.place(of: index).carrier, default: CarrierTally()].isAsked() }
      attempts.owe(
        DebtKey(id: Attempt.debtID(id, UInt32(index)), generation: delivery.generation), urgency: entry.lane,
        since: delivery.askedAt.isSet ? delivery.askedAt : delivery.changedAt, at: host(of: delivery))
    }
  }
}

extension Notifications: Equatable {
  /// The same ledger: what can be read off it now and later is the same.
  public static func == (left: Notifications, right: Notifications) -> Bool { left.condensed() == right.condensed() }
}

extension LedgerEntry {
  /// An answer is known: what has not begun never will. What a provider has been asked stays until its outcome is
  /// known.
  mutating func cancel(_ generation: UInt64) {
    guard case .page(var page) = subject else { return }
    page.wanted = false
    page.generation = generation
    subject = .page(page)
    cancelWaiting()
  }

  mutating func plan(_ planned: [PlannedDelivery], at instant: Instant, isRepeat: Bool) {
    deliveries += planned.map {
      DeliverySnapshot(
        channel: $0.channel, state: .planned, dueAt: $0.dueAt, changedAt: instant, isRepeat: isRepeat, turn: $0.turn,
        wishedAt: $0.wishedAt)
    }
  }

  /// The next channel waits no longer.
  mutating func bringForward(_ index: Int, to dueAt: Instant, because words: String, at instant: Instant) {
    deliveries[index].dueAt = dueAt
    deliveries[index].wishedAt = .unset
    deliveries[index].note(.planned, words, at: instant)
  }

  mutating func cancelWaiting() {
    for index in deliveries.indices {
      deliveries[index].askAt = .unset
      guard deliveries[index].waits else { continue }
      deliveries[index].state = .cancelled
      deliveries[index].dueAt = .unset
    }
  }
}
