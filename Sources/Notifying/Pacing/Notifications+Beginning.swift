import Machinery
import Messages

/// How messages to providers begin: one page, or several in a digest, by one attempt (`Pacing`).
extension Notifications {
  /// The first of the deliveries leads: the attempt is its own, and the others are carried along.
  func begin(_ deliveries: [(id: String, delivery: UInt32)], takesSlot: Bool, at now: Instant) -> [NotificationFact] {
    guard let lead = deliveries.first, let entry = ledger[lead.id] else { return [] }
    let all = deliveries + (deliveries.count == 1 ? companions(of: lead, at: now) : [])
    guard !book.address(entry.person, entry.deliveries[Int(lead.delivery)].channel, turn: 0).isEmpty else {
      return all.flatMap { id, index in
        ledger[id].map { lost(id, $0, delivery: Int(index), at: now) } ?? []
      }
    }
    let parts = all.compactMap { id, index -> CarriedDelivery? in
      guard let delivery = ledger[id]?.deliveries[Int(index)] else { return nil }
      return CarriedDelivery(
        pageId: id, delivery: index, attempt: delivery.attempts + 1,
        isRepeat: delivery.isRepeat || delivery.state == .unknown)
    }
    return [
      .init(
        kind: .attemptBegun(
          AttemptBegun(
            pageId: lead.id, delivery: lead.delivery, attempt: parts[0].attempt, isRepeat: parts[0].isRepeat,
            bySecond: passesOver(entry.deliveries[Int(lead.delivery)], at: now), takesSlot: takesSlot,
            carried: Array(parts.dropFirst()))))
    ]
  }

  /// Out of an outage a person may get several pages of one incident at once: the newest of them says how it stands, so that they
  /// are one message.
  private func companions(of lead: (id: String, delivery: UInt32), at now: Instant) -> [(id: String, delivery: UInt32)]
  {
    guard let late = ledger[lead.id], let page = late.page, late.isTellable,
      page.age(at: late.changedAt) > AddressBook.outage
    else { return [] }
    let place = late.place(of: Int(lead.delivery)).destination
    var found: [(id: String, delivery: UInt32)] = []
    for id in idsByIncident[page.incidentId] ?? [] where id != lead.id && found.count < Pacing.digestCovers {
      guard let entry = ledger[id], entry.isTellable, entry.person == page.person else { continue }
      for index in entry.deliveries.indices
      where entry.isDue(index, at: now) && entry.place(of: index).destination == place {
        found.append((id, UInt32(index)))
      }
    }
    return found
  }

  /// The deliveries that an attempt carries besides its own, the worst first.
  func carried(by debt: String) -> [(id: String, delivery: UInt32)] {
    let all = (digests[debt] ?? []).compactMap { one -> (id: String, delivery: UInt32, lane: Int)? in
      guard let (id, index) = Attempt.parse(debtID: one), let entry = ledger[id] else { return nil }
      return (id, index, entry.lane)
    }
    return all.sorted { ($0.lane, $0.id, $0.delivery) < ($1.lane, $1.id, $1.delivery) }.map { ($0.id, $0.delivery) }
  }

  // MARK: Remembering

  mutating func begin(_ begun: AttemptBegun, at instant: Instant) {
    guard let entry = ledger[begun.pageId] else { return }
    var place = entry.place(of: Int(begun.delivery))
    if begun.bySecond { place.isSecond = true }
    let debt = Attempt.debtID(begun.pageId, begun.delivery)
    let count = begun.carried.isEmpty ? 0 : UInt32(begun.carried.count + 1)
    start(begun, inDigestOf: count, at: instant)
    for part in begun.carried {
      // Its provider may still be asked about the attempt before.
      attempts.settle(Attempt.debtID(part.pageId, part.delivery))
      start(
        AttemptBegun(
          pageId: part.pageId, delivery: part.delivery, attempt: part.attempt, isRepeat: part.isRepeat,
          bySecond: begun.bySecond),
        carriedBy: debt, inDigestOf: count, at: instant)
    }
    if !begun.carried.isEmpty { digests[debt] = begun.carried.map { Attempt.debtID($0.pageId, $0.delivery) } }
    guard let delivery = ledger[begun.pageId]?.deliveries[Int(begun.delivery)] else { return }
    noteBegun(delivery, at: instant)
    attempts.owe(
      DebtKey(id: debt, generation: delivery.generation), urgency: entry.lane, since: instant, at: host(of: delivery))
    guard begun.question == 0 else { return }
    tallies[place.carrier, default: CarrierTally()].began(at: instant)
    timetable.began(
      debt, to: place, takesSlot: begun.takesSlot, at: book.rate(place.channel, isSecond: place.isSecond), at: instant)
  }

  /// Where a delivery is under way, or a question about it.
  func host(of delivery: DeliverySnapshot) -> ProviderHost {
    timetable.host(of: Pacing.carrier(of: delivery.channel, isSecond: delivery.isWithSecond))
  }

  private mutating func start(
    _ begun: AttemptBegun, carriedBy carrier: String = "", inDigestOf count: UInt32, at instant: Instant
  ) {
    guard let entry = ledger[begun.pageId] else { return }
    if let page = entry.page, !entry.deliveries.contains(where: { $0.attempts > 0 }) {
      timetable.note(page, at: instant)
    }
    var delivery = entry.deliveries[Int(begun.delivery)]
    delivery.attempts = begun.attempt
    if begun.question == 0 { delivery.digestOf = count }
    if begun.bySecond { delivery.secondFrom = begun.attempt }
    delivery.begin(begun, carriedBy: carrier, by: route(of: delivery).provider, at: instant)
    change(begun.pageId, at: instant) { $0.deliveries[Int(begun.delivery)] = delivery }
  }
}
