import Messages

/// One address of a person, or one team channel, as one provider finds it: what waits to be said there.
struct Destination: Sendable {
  /// Which provider of which channel.
  let carrier: String
  /// Whose slots its messages take.
  let pace: String
  /// By lane: what goes alone, as soon as it is due.
  var alone = [WaitingLine](repeating: WaitingLine(), count: LedgerEntry.lanes)
  /// By lane: what goes when there is a slot, together.
  var paced = [WaitingLine](repeating: WaitingLine(), count: LedgerEntry.lanes)

  init(carrier: String, pace: String) {
    self.carrier = carrier
    self.pace = pace
  }

  var isEmpty: Bool { alone.allSatisfy { $0.count == 0 } && paced.allSatisfy { $0.count == 0 } }

  /// What of a lane may go next, and when.
  func next(in lane: Int, slot: Instant) -> WaitingLine.Ticket? {
    var tickets = [alone[lane].first]
    if let first = paced[lane].first {
      let withSlot = first.notBefore(slot)
      tickets.append(lane == 0 ? withSlot.notAfter(first.due + Pacing.sev1WaitsAtMost) : withSlot)
    }
    return tickets.compactMap { $0 }.min()
  }

  /// Since when somebody has waited for a slot, and in which lane.
  func waitsSince(at now: Instant) -> (due: Instant, lane: Int)? {
    var longest: (due: Instant, lane: Int)?
    for lane in paced.indices {
      guard let due = paced[lane].first?.due, due <= now, longest.map({ due < $0.due }) ?? true else { continue }
      longest = (due, lane)
    }
    return longest
  }

  /// All that one message can tell, the worst first.
  func held(at now: Instant) -> [String] {
    var ids: [String] = []
    for lane in paced.indices where ids.count < Pacing.digestCovers {
      ids += paced[lane].first(Pacing.digestCovers - ids.count, through: now + Pacing.moment).map(\.id)
    }
    return ids
  }
}

/// Where one delivery waits, until when, and how it goes.
struct Waiting: Hashable, Sendable {
  var person: String
  var channel: String
  /// Which of the person's addresses of the channel.
  var turn: Int
  /// The channel's second provider is asked.
  var isSecond: Bool
  var lane: Int
  var goesAlone: Bool
  var due: Instant
  var arrival: UInt64
  /// When it was last tried.
  var begunAt: Instant

  var carrier: String { Pacing.carrier(of: channel, isSecond: isSecond) }
  var pace: String { Pacing.pace(of: person, by: channel) }
  var destination: String { "\(carrier)#\(turn) \(person)" }
}

/// Which provider is to be asked what it has, and when: a question about a mild page is no more urgent than the page.
struct Asking: Hashable, Sendable {
  var carrier: String
  var lane: Int
  var due: Instant
}

extension LedgerEntry {
  /// Where a delivery stands that will be handed over; nil when nothing of it waits for a time.
  func waiting(_ index: Int) -> Waiting? {
    guard answerID.isEmpty, deliveries.indices.contains(index), deliveries[index].waitsForTime else { return nil }
    return place(of: index)
  }

  func place(of index: Int) -> Waiting {
    let delivery = deliveries[index]
    return Waiting(
      person: person, channel: delivery.channel, turn: turn(of: index), isSecond: delivery.secondFrom != 0, lane: lane,
      goesAlone: goesAlone, due: delivery.dueAt, arrival: arrival << 8 + UInt64(min(index, 255)),
      begunAt: delivery.begunAt)
  }

  /// What will be asked about a delivery; nil when nothing is.
  func question(_ index: Int) -> Asking? {
    guard deliveries.indices.contains(index), deliveries[index].askAt.isSet else { return nil }
    let delivery = deliveries[index]
    return Asking(
      carrier: Pacing.carrier(of: delivery.channel, isSecond: delivery.isWithSecond), lane: lane, due: delivery.askAt)
  }

  /// Whether its messages tell of nothing else and wait for no slot (`Pacing`).
  private var goesAlone: Bool {
    guard let page else { return true }
    switch page.purpose {
    case .test, .watch, .synthetic: return true
    case .duty, .headsUp, .reminder, .tell, .unspecified: break
    }
    return !page.answeredBy.isEmpty || (isFirst && !deliveries.contains { $0.state.wasTaken })
  }

  /// Whether its person is paged now, and not when their quiet hours are over: what they don't see yet makes nothing else less
  /// new to them, and is no news of its own when all that the night held comes at once.
  func isForNow(at instant: Instant) -> Bool {
    guard let page, page.severity.mayWait else { return true }
    return deliveries.contains { $0.attempts > 0 || ($0.waitsForTime && $0.dueAt <= instant + Pacing.window) }
  }

  /// Whether its page can be told together with others of its incident.
  var isTellable: Bool {
    guard let page else { return false }
    return page.purpose != .test && page.purpose != .watch && page.purpose != .synthetic && page.answeredBy.isEmpty
  }
}
