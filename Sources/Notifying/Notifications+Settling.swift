import Machinery
import Messages

/// What follows from how attempts ended (requirement N3): the same provider again, the channel's second provider, the
/// person's next channel.
extension Notifications {
  public func settle(_ settlement: Settlement, at now: Instant) -> [NotificationFact] {
    switch settlement.peer {
    case .provider: ended(settlement, at: now)
    case .escalator:
      settleAnswer(settlement, at: now) ?? ledger[settlement.key.id].map { entry in
        entry.receiptSettled < settlement.key.generation
          ? [
            .init(
              kind: .receiptHandedOver(
                ReceiptHandedOver(pageId: settlement.key.id, generation: settlement.key.generation)))
          ] : []
      } ?? []
    default: []
    }
  }

  /// Each page that a digest told of goes on by itself: it may be wanted no more, or have other channels left.
  private func ended(_ settlement: Settlement, at now: Instant) -> [NotificationFact] {
    guard let lead = Attempt.parse(debtID: settlement.key.id), let entry = ledger[lead.id],
      entry.deliveries.indices.contains(Int(lead.delivery))
    else { return [] }
    let delivery = entry.deliveries[Int(lead.delivery)]
    guard delivery.generation == settlement.key.generation else { return [] }
    guard !delivery.askedAt.isSet else { return answered(settlement, lead.id, delivery: lead.delivery, at: now) }
    guard delivery.state == .due else { return [] }
    return ([lead] + carried(by: settlement.key.id)).flatMap { id, index in
      ledger[id].map { ended(settlement, id, $0, index, at: now) } ?? []
    }
  }

  private func ended(
    _ settlement: Settlement, _ id: String, _ entry: LedgerEntry, _ index: UInt32, at now: Instant
  ) -> [NotificationFact] {
    let delivery = entry.deliveries[Int(index)]
    var end = AttemptEnded(
      pageId: id, delivery: index, attempt: delivery.attempts,
      words: words(of: settlement, about: entry.person, inDigestOf: delivery.digestOf),
      providerId: settlement.reference)
    end.state = state(after: settlement.status, entry, delivery: Int(index))
    if delivery.reported == .failed, settlement.status == .ok || settlement.status == .unknown {
      end.words = delivery.reportedWords
    }
    end.providersFault = settlement.status.isWorthRetrying && !end.state.wasTaken
    // A digest is one message, whatever it tells.
    let judgement = delivery.carrier.isEmpty ? judged(delivery, failed: end.failed, at: now) : []
    if end.state.wasTaken, !end.state.isLastWord { end.askAt = nextAsk(id, entry, delivery: Int(index), at: now) }
    if end.state == .unknown, canBeFound(delivery) { end.askAt = now }
    guard entry.isWanted else { return [.init(kind: .attemptEnded(end))] + judgement }
    if end.state == .retrying || (end.state == .unknown && !delivery.isRepeat) {
      end.secondNext = turnsToSecond(entry, delivery, after: settlement.status)
      end.retryAt = now
      if !end.secondNext {
        end.retryAt = now + wait(entry, delivery: Int(index), settlement)
      }
      if end.askAt.isSet { end.retryAt = max(end.retryAt, now + Looking.within) }
    } else if end.state == .failed, settlement.status.isWorthRetrying {
      end.words = "given up after \(delivery.attempts) tries: \(end.words)"
    }
    return [.init(kind: .attemptEnded(end))] + bringForward(id, entry, after: end, at: now) + judgement
  }

  /// An attempt whose outcome nobody knows is made once more, whoever is asked; a failed one as long as there is hope.
  private func state(after status: Status, _ entry: LedgerEntry, delivery index: Int) -> DeliveryState {
    let delivery = entry.deliveries[index]
    // Its report was faster than its answer.
    if delivery.reported.rank > DeliveryState.failed.rank { return delivery.reported }
    if delivery.reported != .unspecified, status == .ok || status == .unknown {
      return delivery.reported == .failed && goesToSecond(entry, delivery) ? .retrying : delivery.reported
    }
    switch status {
    case .ok: return .handedOver
    case .unknown: return .unknown
    default: break
    }
    guard entry.isWanted else { return status.isWorthRetrying ? .cancelled : .failed }
    if turnsToSecond(entry, delivery, after: status) { return .retrying }
    let isLastOfPost = entry.isLastChannelOfPost(index)
    guard status.isWorthRetrying || isLastOfPost else { return .failed }
    return delivery.triesOfProvider < (isLastOfPost ? Patience.lastTries : Patience.tries) ? .retrying : .failed
  }

  /// A SEV-1/2 doesn't wait for its provider to come back; others do for a while. What a provider refuses or leaves open
  /// is the second one's at once.
  private func turnsToSecond(_ entry: LedgerEntry, _ delivery: DeliverySnapshot, after status: Status) -> Bool {
    guard goesToSecond(entry, delivery) else { return false }
    return !status.isWorthRetrying || status == .unknown || (entry.page?.severity.mustBeHeard ?? false)
      || delivery.attempts >= Patience.tries
  }

  /// Whether the channel's second provider is left for what its first could not deliver.
  func goesToSecond(_ entry: LedgerEntry, _ delivery: DeliverySnapshot) -> Bool {
    entry.isWanted && delivery.secondFrom == 0 && book.second(delivery.channel) != nil
  }

  /// What a post's last channel refuses for good may be mended by an operator, not by asking often.
  private func wait(_ entry: LedgerEntry, delivery index: Int, _ settlement: Settlement) -> Span {
    let longest = entry.isLastChannelOfPost(index) ? Patience.longestBetweenPosts : Patience.longest
    let tries = settlement.status.isWorthRetrying ? entry.deliveries[index].triesOfProvider : .max
    return Patience.wait(after: tries, upTo: longest, of: settlement.key.id, asked: settlement.retryAfter)
  }

  /// A delivery whose address is gone since it was planned fails at once.
  func lost(_ id: String, _ entry: LedgerEntry, delivery index: Int, at now: Instant) -> [NotificationFact] {
    let delivery = entry.deliveries[index]
    let end = AttemptEnded(
      pageId: id, delivery: UInt32(index), attempt: delivery.attempts, state: .failed,
      words: "\(entry.person) has no address for \(delivery.channel) any more")
    return [.init(kind: .attemptEnded(end))] + bringForward(id, entry, after: end, at: now)
  }

  /// The provider's words, or at least its status; an address that it repeats goes no further (requirement N7).
  private func words(of settlement: Settlement, about person: String, inDigestOf count: UInt32) -> String {
    let said = words(settlement.words, about: person)
    let words = said.isEmpty && settlement.status != .ok ? settlement.status.name : said
    guard count > 0 else { return words }
    return words.isEmpty ? "in a digest of \(count)" : "\(words), in a digest of \(count)"
  }

  func words(_ said: String, about person: String) -> String {
    CleanText.line(book.withoutAddresses(said, of: person), limit: 200)
  }

  /// When a channel fails for the first time (its second provider included, if it has one), the page's next one need not
  /// wait for its time; nor when one is lost for good and nothing has reached the person yet. Words for one person go
  /// on only when a channel is lost: they are in no hurry, and once is enough.
  private func bringForward(
    _ id: String, _ entry: LedgerEntry, after end: AttemptEnded, at now: Instant
  ) -> [NotificationFact] {
    guard !end.state.wasTaken, !end.secondNext, entry.isWanted,
      let next = entry.nextPlanned(besides: Int(end.delivery))
    else { return [] }
    let failing = entry.deliveries[Int(end.delivery)]
    let isLost = end.state == .failed || (end.state == .unknown && !end.retryAt.isSet)
    if entry.page == nil {
      guard isLost else { return [] }
    } else {
      guard entry.deliveries[next].dueAt > now else { return [] }
      let reachedNobody = !entry.deliveries.contains { $0.state.wasTaken }
      let isFirstFailure = failing.secondFrom == 0 ? !failing.hasBeenHeardOf : failing.secondFrom == failing.attempts
      guard isFirstFailure || (isLost && reachedNobody) else { return [] }
    }
    return [
      .init(
        kind: .broughtForward(
          BroughtForward(
            pageId: id, delivery: UInt32(next), dueAt: now, because: "\(failing.channel) failed: \(end.words)")))
    ]
  }
}

extension LedgerEntry {
  /// Whether nobody comes after this delivery of a post: then it is worth a long patience.
  fileprivate func isLastChannelOfPost(_ index: Int) -> Bool { page == nil && nextPlanned(besides: index) == nil }
}
