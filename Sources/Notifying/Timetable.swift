import Machinery
import Messages

/// When each entry of the ledger next does something by itself, the most severe first.
///
/// No more attempts are begun than can be under way at once, in all and at one host (`UnderWay`): what waits here can still be
/// cancelled when an answer comes, what has begun can't.
///
/// What waits stands at its destination; a destination has its next time with its provider, and a provider at its host: the
/// later of what waits there, its person's slot and its own token (`Pacing`). So each change costs O(log n), each look O(hosts),
/// and nothing looks at who can't go yet.
struct Timetable: Sendable {
  private(set) var pacing = Pacing()
  private(set) var destinations: [String: Destination] = [:]
  /// By provider and lane: when each destination may go.
  private var carriers: [String: [WaitingLine]] = [:]
  /// By host and lane: when each provider may be asked there.
  private var hosts: [ProviderHost: [WaitingLine]] = [:]
  private var hostOf = ProviderHosts(AddressBook(NotificationConfiguration()))
  private var destinationsByPace: [String: Set<String>] = [:]
  /// Channels whose first provider is passed over, and until when: what waits for it goes to the second, by that one's tokens.
  private var passedOver: [String: Instant] = [:]
  /// By host and lane: what providers are asked about what they have.
  private var asking: [ProviderHost: [DueTimes]] = [:]
  private var forgetting = DueTimes()

  // MARK: Looking

  /// When there is next something to begin, to ask or to forget.
  func next(_ underWay: UnderWay) -> Instant? {
    var earliest = forgetting.next?.due
    for (host, lanes) in asking {
      for lane in lanes.indices {
        guard let due = lanes[lane].next?.due, underWay.hasRoom(in: lane, at: host) else { continue }
        earliest = min(earliest ?? due, due)
      }
    }
    for (host, lanes) in hosts {
      for lane in lanes.indices {
        guard let due = lanes[lane].first?.due, underWay.hasRoom(in: lane, at: host) else { continue }
        earliest = min(earliest ?? due, due)
      }
    }
    return earliest
  }

  /// One message that is due now, of the most severe of these lanes that has any.
  func toBegin(
    in lanes: Range<Int>, at now: Instant, _ underWay: UnderWay
  ) -> (deliveries: [String], takesSlot: Bool)? {
    for lane in lanes {
      guard let carrier = first(in: lane, underWay), carrier.due <= now,
        let key = carriers[carrier.id]?[lane].first?.id, let destination = destinations[key]
      else { continue }
      if let first = destination.alone[lane].first, first.due <= now { return ([first.id], false) }
      guard pacing.slot(of: destination.pace) <= now else { return (destination.held(at: now), false) }
      return ((longestWaiting(like: destination, at: now, underWay) ?? destination).held(at: now), true)
    }
    return nil
  }

  /// Of all hosts that have room, who is due first.
  private func first(in lane: Int, _ underWay: UnderWay) -> WaitingLine.Ticket? {
    hosts.lazy.compactMap { host, lanes in
      underWay.hasRoom(in: lane, at: host) ? lanes[lane].first : nil
    }.min()
  }

  /// A delivery whose provider is to be asked about it, of the most severe lane that has any.
  func toAsk(at now: Instant, _ underWay: UnderWay) -> String? {
    for lane in 0..<LedgerEntry.lanes {
      let first = asking.lazy.compactMap { host, lanes in
        underWay.hasRoom(in: lane, at: host) ? lanes[lane].next : nil
      }.min { ($0.due, $0.key) < ($1.due, $1.key) }
      if let first, first.due <= now { return first.key }
    }
    return nil
  }

  func toForget(at now: Instant) -> String? {
    forgetting.next.flatMap { $0.due <= now ? $0.key : nil }
  }

  /// Of a person's destinations that could go now, the one where something has waited longest.
  private func longestWaiting(like one: Destination, at now: Instant, _ underWay: UnderWay) -> Destination? {
    (destinationsByPace[one.pace] ?? []).compactMap { key -> (Destination, Instant, String)? in
      guard let other = destinations[key], let waits = other.waitsSince(at: now) else { return nil }
      let carrier = asked(for: other.carrier, at: now)
      guard pacing.free(carrier) <= now, underWay.hasRoom(in: waits.lane, at: hostOf[carrier]) else { return nil }
      return (other, waits.due, key)
    }.min { ($0.1, $0.2) < ($1.1, $1.2) }?.0
  }

  /// Which provider a message begins with that waits for one.
  private func asked(for carrier: String, at now: Instant) -> String {
    guard let until = passedOver[carrier], now < until else { return carrier }
    return Pacing.carrier(of: carrier, isSecond: true)
  }

  /// When a message that waits for a provider can begin, and where: while that one is passed over, by the second when that has a
  /// token, or as the one that tries the first again.
  private func places(of carrier: String, _ ticket: WaitingLine.Ticket?) -> [ProviderHost: WaitingLine.Ticket?] {
    let own = hostOf[carrier]
    guard let other = hostOf.second(of: carrier) else { return [own: ticket?.notBefore(pacing.free(carrier))] }
    guard let until = passedOver[carrier] else {
      let first = ticket?.notBefore(pacing.free(carrier))
      return own == other ? [own: first] : [own: first, other: nil]
    }
    let tries = ticket?.notBefore(max(until, pacing.free(carrier)))
    let bySecond = ticket?.notBefore(pacing.free(Pacing.carrier(of: carrier, isSecond: true)))
    let isInTime = bySecond.map { $0.due < until } ?? false
    return own == other ? [own: isInTime ? bySecond : tries] : [own: tries, other: isInTime ? bySecond : nil]
  }

  // MARK: Changing

  /// Everything moves: rebuilt, because almost every time in it changes.
  mutating func clear() {
    destinations = [:]
    carriers = [:]
    destinationsByPace = [:]
    hosts = [:]
    asking = [:]
    forgetting = DueTimes()
  }

  /// An entry of the ledger has come, changed or gone.
  mutating func set(_ id: String, from before: LedgerEntry?, to after: LedgerEntry?) {
    for index in 0..<max(before?.deliveries.count ?? 0, after?.deliveries.count ?? 0) {
      let key = Attempt.debtID(id, UInt32(index))
      let wasAsked = before?.question(index)
      let asks = after?.question(index)
      if wasAsked != asks {
        if let wasAsked { asking[hostOf[wasAsked.carrier]]?[wasAsked.lane].set(key, to: nil) }
        if let asks {
          asking[hostOf[asks.carrier], default: .init(repeating: DueTimes(), count: LedgerEntry.lanes)][asks.lane].set(
            key, to: asks.due)
        }
      }
      let old = before?.waiting(index)
      let new = after?.waiting(index)
      guard old != new else { continue }
      if let old { remove(key, at: old) }
      if let new { add(key, at: new) }
    }
    forgetting.set(id, to: after.flatMap { $0.isFinished ? $0.changedAt + $0.remembered : nil })
  }

  /// Where what a carrier is asked is under way.
  func host(of carrier: String) -> ProviderHost { hostOf[carrier] }

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
    hostOf = ProviderHosts(book)
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
      for (host, ticket) in places(of: carrier, carriers[carrier]?[lane].first) {
        hosts[host, default: .init(repeating: WaitingLine(), count: LedgerEntry.lanes)][lane].set(carrier, to: ticket)
      }
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
