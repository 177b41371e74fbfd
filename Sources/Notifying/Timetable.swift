import Machinery
import Messages

/// When each entry of the ledger next does something by itself, the most severe first.
///
/// No more attempts are begun than can be under way at once: what waits here can still be cancelled when an answer
/// comes, what has begun can't. Some places are kept for SEV-1/2, so that a slow provider full of lesser things never
/// makes them wait.
///
/// What waits stands at its destination; a destination has its next time with its provider, and a provider among all: the
/// later of what waits there, its person's slot and its own token (`Pacing`). So each change costs O(log n), and nothing
/// looks at who can't go yet.
struct Timetable: Sendable {
  /// As many as the engine has under way to providers.
  static let underWayAtMost = 512
  static let keptForTheWorst = 64

  private(set) var pacing = Pacing()
  private(set) var destinations: [String: Destination] = [:]
  /// By provider and lane: when each destination may go.
  private var carriers: [String: [WaitingLine]] = [:]
  /// By lane: when each provider may be asked.
  private var lanes = [WaitingLine](repeating: WaitingLine(), count: LedgerEntry.lanes)
  private var destinationsByPace: [String: Set<String>] = [:]
  /// Channels whose first provider is passed over, and until when: what waits for it goes to the second, by that one's tokens.
  private var passedOver: [String: Instant] = [:]
  /// What providers are asked about what they have.
  private var asking = DueTimes()
  private var forgetting = DueTimes()

  // MARK: Looking

  /// How many more attempts of a lane may begin.
  static func room(in lane: Int, underWay: Int) -> Int {
    max(0, underWayAtMost - (lane < 2 ? 0 : keptForTheWorst) - underWay)
  }

  /// When there is next something to begin, to ask or to forget.
  func next(underWay: Int) -> Instant? {
    var earliest = forgetting.next?.due
    if Self.room(in: 0, underWay: underWay) > 0, let due = asking.next?.due { earliest = min(earliest ?? due, due) }
    for lane in lanes.indices where Self.room(in: lane, underWay: underWay) > 0 {
      guard let due = lanes[lane].first?.due else { continue }
      earliest = min(earliest ?? due, due)
    }
    return earliest
  }

  /// One message that is due now, of the most severe lane that has any.
  func toBegin(at now: Instant, underWay: Int) -> (deliveries: [String], takesSlot: Bool)? {
    for lane in lanes.indices where Self.room(in: lane, underWay: underWay) > 0 {
      guard let carrier = lanes[lane].first, carrier.due <= now,
        let key = carriers[carrier.id]?[lane].first?.id, let destination = destinations[key]
      else { continue }
      if let first = destination.alone[lane].first, first.due <= now { return ([first.id], false) }
      guard pacing.slot(of: destination.pace) <= now else { return (destination.held(at: now), false) }
      return ((longestWaiting(like: destination, at: now, underWay) ?? destination).held(at: now), true)
    }
    return nil
  }

  func toAsk(at now: Instant, underWay: Int) -> String? {
    guard Self.room(in: 0, underWay: underWay) > 0 else { return nil }
    return asking.next.flatMap { $0.due <= now ? $0.key : nil }
  }

  func toForget(at now: Instant) -> String? {
    forgetting.next.flatMap { $0.due <= now ? $0.key : nil }
  }

  /// Of a person's destinations that could go now, the one where something has waited longest.
  private func longestWaiting(like one: Destination, at now: Instant, _ underWay: Int) -> Destination? {
    (destinationsByPace[one.pace] ?? []).compactMap { key -> (Destination, Instant, String)? in
      guard let other = destinations[key], let waits = other.waitsSince(at: now),
        pacing.free(asked(for: other.carrier, at: now)) <= now,
        Self.room(in: waits.lane, underWay: underWay) > 0
      else { return nil }
      return (other, waits.due, key)
    }.min { ($0.1, $0.2) < ($1.1, $1.2) }?.0
  }

  /// Which provider a message begins with that waits for one.
  private func asked(for carrier: String, at now: Instant) -> String {
    guard let until = passedOver[carrier], now < until else { return carrier }
    return Pacing.carrier(of: carrier, isSecond: true)
  }

  /// When a message that waits for a provider can begin: while that one is passed over, when the second has a token.
  private func notBefore(_ ticket: WaitingLine.Ticket, _ carrier: String) -> WaitingLine.Ticket {
    guard let until = passedOver[carrier] else { return ticket.notBefore(pacing.free(carrier)) }
    let bySecond = ticket.notBefore(pacing.free(Pacing.carrier(of: carrier, isSecond: true)))
    return bySecond.due < until ? bySecond : ticket.notBefore(max(until, pacing.free(carrier)))
  }

  // MARK: Changing

  /// Everything moves: rebuilt, because almost every time in it changes.
  mutating func clear() {
    destinations = [:]
    carriers = [:]
    destinationsByPace = [:]
    lanes = [WaitingLine](repeating: WaitingLine(), count: LedgerEntry.lanes)
    asking = DueTimes()
    forgetting = DueTimes()
  }

  /// An entry of the ledger has come, changed or gone.
  mutating func set(_ id: String, from before: LedgerEntry?, to after: LedgerEntry?) {
    for index in 0..<max(before?.deliveries.count ?? 0, after?.deliveries.count ?? 0) {
      let old = before?.waiting(index)
      let new = after?.waiting(index)
      guard old != new else { continue }
      let key = Attempt.debtID(id, UInt32(index))
      if let old { remove(key, at: old) }
      if let new { add(key, at: new) }
    }
  }

  mutating func setAsking(_ id: String, to due: Instant?) { asking.set(id, to: due) }

  mutating func setForgetting(_ id: String, to due: Instant?) { forgetting.set(id, to: due) }

  /// A message is on its way.
  mutating func began(_ attempt: String, to place: Waiting, takesSlot: Bool, at rate: Rate?, at instant: Instant) {
    if rate != nil || pacing.free(place.carrier) != .unset {
      pacing.ask(place.carrier, at: rate, at: instant)
      refresh(carrier: place.carrier)
      if place.isSecond { refresh(carrier: place.channel) }
    }
    guard takesSlot else { return }
    pacing.take(place.pace, by: attempt, at: instant)
    refresh(pace: place.pace)
  }

  /// A message has ended; when nothing reached the person, their slot is free again.
  mutating func ended(_ attempt: String, to place: Waiting, reached: Bool, at instant: Instant) {
    if reached {
      pacing.arrived(place.pace, by: attempt, begunAt: place.begunAt, at: instant)
    } else {
      pacing.giveBack(place.pace, by: attempt, begunAt: place.begunAt)
    }
    refresh(pace: place.pace)
  }

  mutating func note(_ page: Page, at instant: Instant) { pacing.note(page, at: instant) }

  /// A channel's first provider is passed over until then; nil: it is used.
  mutating func passOver(_ channel: String, until: Instant?) {
    passedOver[channel] = until
    refresh(carrier: channel)
  }

  /// The limits may be others, and rates: whoever calls this sets every entry again.
  mutating func follow(_ book: AddressBook, before: AddressBook) {
    pacing.follow(book.configuration)
    for carrier in pacing.askedCarriers {
      let (channel, isSecond) = Pacing.channel(of: carrier)
      guard book.rate(channel, isSecond: isSecond) != before.rate(channel, isSecond: isSecond) else { continue }
      pacing.forget(carrier)
    }
  }

  mutating func shiftPacing(by span: Span) {
    pacing.shift(by: span)
    passedOver = passedOver.mapValues { $0 + span }
  }

  mutating func restore(_ snapshot: PacingSnapshot) {
    pacing.restore(snapshot)
    for taken in snapshot.slots { refresh(pace: taken.pace) }
    for asked in snapshot.carriers {
      refresh(carrier: asked.carrier)
      refresh(carrier: Pacing.channel(of: asked.carrier).channel)
    }
  }

  private mutating func add(_ key: String, at place: Waiting) {
    let name = place.destination
    if destinations[name] == nil {
      destinations[name] = Destination(carrier: place.carrier, pace: place.pace)
      destinationsByPace[place.pace, default: []].insert(name)
    }
    let ticket = WaitingLine.Ticket(due: place.due, arrival: place.arrival, id: key)
    if place.goesAlone {
      destinations[name]?.alone[place.lane].set(ticket)
    } else {
      destinations[name]?.paced[place.lane].set(ticket)
    }
    refresh(name, lanes: place.lane...place.lane)
  }

  private mutating func remove(_ key: String, at place: Waiting) {
    let name = place.destination
    if place.goesAlone {
      destinations[name]?.alone[place.lane].remove(key)
    } else {
      destinations[name]?.paced[place.lane].remove(key)
    }
    refresh(name, lanes: place.lane...place.lane)
  }

  private mutating func refresh(pace: String) {
    for name in destinationsByPace[pace] ?? [] { refresh(name, lanes: 0...LedgerEntry.lanes - 1) }
  }

  private mutating func refresh(_ name: String, lanes changed: ClosedRange<Int>) {
    guard let destination = destinations[name] else { return }
    let carrier = destination.carrier
    let slot = pacing.slot(of: destination.pace)
    for lane in changed {
      carriers[carrier, default: .init(repeating: WaitingLine(), count: LedgerEntry.lanes)][lane].set(
        name, to: destination.next(in: lane, slot: slot))
    }
    if destination.isEmpty {
      destinations[name] = nil
      destinationsByPace[destination.pace]?.remove(name)
      if destinationsByPace[destination.pace]?.isEmpty ?? false { destinationsByPace[destination.pace] = nil }
    }
    refresh(carrier: carrier, lanes: changed)
  }

  private mutating func refresh(carrier: String, lanes changed: ClosedRange<Int> = 0...LedgerEntry.lanes - 1) {
    for lane in changed {
      lanes[lane].set(carrier, to: carriers[carrier]?[lane].first.map { notBefore($0, carrier) })
    }
  }
}

// MARK: For operators

extension Timetable {
  /// What is due and can't go yet.
  struct Waits {
    /// For its provider, or for a place among what is under way.
    var forProvider = 0
    /// For its person's next slot.
    var forSlot = 0
  }

  /// By provider: looks at everything that waits.
  func waits(at now: Instant) -> [String: Waits] {
    destinations.values.reduce(into: [:]) { found, destination in
      let isHeld = pacing.slot(of: destination.pace) > now
      let paced = destination.paced.reduce(0) { $0 + $1.count(through: now) }
      let carrier = asked(for: destination.carrier, at: now)
      found[carrier, default: Waits()].forProvider +=
        destination.alone.reduce(0) { $0 + $1.count(through: now) } + (isHeld ? 0 : paced)
      found[carrier, default: Waits()].forSlot += isHeld ? paced : 0
    }
  }

  /// By pace: what waits for a slot.
  func held(at now: Instant) -> [String: Int] {
    destinations.values.reduce(into: [:]) { found, destination in
      guard pacing.slot(of: destination.pace) > now else { return }
      found[destination.pace, default: 0] += destination.paced.reduce(0) { $0 + $1.count(through: now) }
    }
  }
}
