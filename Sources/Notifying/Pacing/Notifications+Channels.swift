import Messages

/// What operators may ask of channels, providers and limits (requirement N5), without addresses.
extension Notifications {
  /// Each provider of each channel that has a route or has been asked. Looks at everything that waits.
  public func channelStatus(_ request: ChannelStatusRequest, at now: Instant) -> ChannelStatusReply {
    let waits = timetable.waits(at: now)
    var names: [(channel: String, isSecond: Bool)] = []
    for route in book.configuration.channels where route.channel != "*" {
      names.append((route.channel, false))
      if route.second != nil { names.append((route.channel, true)) }
    }
    var seen = Set(names.map { Pacing.carrier(of: $0.channel, isSecond: $0.isSecond) })
    for carrier in tallies.keys.sorted() where carrier != AddressBook.synthetic && seen.insert(carrier).inserted {
      names.append(Pacing.channel(of: carrier))
    }
    return ChannelStatusReply(channels: names.map { status($0.channel, isSecond: $0.isSecond, waits, at: now) })
  }

  private func status(
    _ channel: String, isSecond: Bool, _ waits: [String: Timetable.Waits], at now: Instant
  ) -> ChannelStatus {
    let carrier = Pacing.carrier(of: channel, isSecond: isSecond)
    let tally = tallies[carrier] ?? CarrierTally()
    let other = tallies[Pacing.carrier(of: channel, isSecond: !isSecond)]?.askedAt ?? .unset
    let sum = tally.sum(at: now)
    let route = isSecond ? book.second(channel) ?? book.route(channel) : book.route(channel)
    let free = timetable.pacing.free(carrier)
    return ChannelStatus(
      channel: channel, provider: route.provider, isSecond: isSecond,
      inUse: tally.askedAt.isSet && (isSecond ? tally.askedAt >= other : tally.askedAt > other),
      underWay: UInt32(tally.underWay),
      handedOver: sum.handedOver, failed: sum.failed, unknown: sum.unknown, words: tally.words,
      failedAt: tally.failedAt, rate: book.rate(channel, isSecond: isSecond), freeAt: free > now ? free : .unset,
      waiting: UInt32(waits[carrier]?.forProvider ?? 0), held: UInt32(waits[carrier]?.forSlot ?? 0))
  }

  /// Who has had messages in the last minute or has pages held, whoever has most of them held first.
  public func paces(_ request: PacesRequest, at now: Instant) throws(Refusal) -> PacesReply {
    guard request.limit <= 1_000 else { throw .invalid("limit", "at most 1000") }
    let limit = request.limit == 0 ? 200 : Int(request.limit)
    let held = timetable.held(at: now)
    let names = Set(held.keys).union(timetable.pacing.takers(at: now))
    let all = names.map { pace -> PersonPace in
      let parts = pace.split(separator: "/", maxSplits: 1).map(String.init)
      let slot = timetable.pacing.slot(of: pace)
      return PersonPace(
        person: parts.first ?? "", channel: parts.count > 1 ? parts[1] : "",
        pagesPerMinute: UInt32(timetable.pacing.limit(of: pace)),
        taken: UInt32(timetable.pacing.taken(by: pace, at: now)), held: UInt32(held[pace] ?? 0),
        nextSlotAt: slot > now ? slot : .unset)
    }
    let wanted = all.filter { request.person.isEmpty || $0.person == request.person }
      .sorted { ($1.held, $0.person, $0.channel) < ($0.held, $1.person, $1.channel) }
    return PacesReply(paces: Array(wanted.prefix(limit)), more: wanted.count > limit)
  }
}
