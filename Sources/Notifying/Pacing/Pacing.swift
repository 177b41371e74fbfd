import Messages

/// How often people and providers are asked (requirement N5): storms become digests, and no page is lost on the way.
///
/// **A person gets at most five messages a minute** (`PageLimits`) that wake them: by push, SMS and voice together; by each quiet
/// channel five of its own, so that mail never uses up what could have rung. A message takes a slot, which is free again a minute
/// after its provider has it, or at once when it turns out that nothing reached the person. What finds no slot is held: it stays on
/// the ledger, and an answer withdraws it like anything else that waits.
///
/// **What is due for one address at one moment, within a second, is one message.** So when a slot is free, everything goes out that is held for
/// that address: a digest (`DigestText`), of at most 250 pages, the worst first. Of several addresses of a person that one goes
/// first where somebody has waited longest. Each message empties its address, so that nobody who has at most five addresses is
/// held up for longer than a minute and what providers take; only of more than 250 pages some wait for the next slot.
///
/// **The first page is never held, and stands alone.** A duty for a service of which the person has had none for half an hour
/// goes at once, by each of its channels until one has taken it: storms hide new outages, and whoever reads one line at night
/// must read what is new. Once it has reached them, its further channels are paced like all else. It takes no slot. What waits
/// for the end of quiet hours is no first, nor keeps another from being one: in the morning all of it comes as one message.
///
/// **A SEV-1 waits for ten seconds at most**: a thirtieth of the time in which it must be acknowledged, and long enough for what
/// one outage breaks to come together. Then it goes without a slot, and takes along all that is held for its address; so there
/// is at most one such message in ten seconds.
///
/// **Alone and at once, without a slot, go** a test, whose code must be read; the watch's own words, because what it tells is that
/// pages may be missing; and what is answered by another command than an incident's acknowledgement. Words for a team channel or
/// quietly for one person are no pages: they are never held nor put together, and keep their order.
///
/// **A provider is asked as often as it allows**: by what its route says (`rate`), or it documents (`ProviderKind.rate`), a
/// bucket of tokens for each route of a channel. The worst goes first; what waits for one provider slows no other.
///
/// All of this is read off what was begun and how it ended, so a restart changes none of it, and a clock that jumps takes it along.
struct Pacing: Sendable {
  static let window = Span.minutes(1)
  static let pagesAtMost: UInt32 = 5
  static let moment = Span.seconds(1)
  static let sev1WaitsAtMost = Span.seconds(10)
  /// After so long without a page for a service the next one is a first again.
  static let firstAgainAfter = Span.minutes(30)
  static let digestCovers = 250

  /// Of a person's paces ("ana", "ana/email"), the oldest first, no more than count.
  private var slots: [String: [TakenSlot]] = [:]
  private var carriers: [String: AskedCarrier] = [:]
  private var paged = PagedServices()
  private var limits: [String: Int] = [:]
  private var limit = Int(Pacing.pagesAtMost)

  /// Whose slots a person's message by a channel takes.
  static func pace(of person: String, by channel: String) -> String {
    person.isEmpty || PersonalChannel.isAudible(channel) ? person : "\(person)/\(channel)"
  }

  /// What a route is called here: a channel's second provider is asked at a rate of its own.
  static func carrier(of channel: String, isSecond: Bool) -> String { isSecond ? "\(channel)/second" : channel }

  static func channel(of carrier: String) -> (channel: String, isSecond: Bool) {
    carrier.hasSuffix("/second") ? (String(carrier.dropLast("/second".count)), true) : (carrier, false)
  }

  // MARK: Reading

  /// From when on there is a slot; a time that has passed when there is one now.
  func slot(of pace: String) -> Instant {
    guard let taken = slots[pace], taken.count >= limit(of: pace) else { return .unset }
    return taken[taken.count - limit(of: pace)].takenAt + Self.window
  }

  /// Until when a delivery that is due, or will be, waits for a slot; nil when it doesn't.
  func held(_ waiting: Waiting) -> Instant? {
    guard !waiting.goesAlone else { return nil }
    let slot = slot(of: waiting.pace)
    let held = waiting.lane == 0 ? min(slot, waiting.due + Self.sev1WaitsAtMost) : slot
    return held > waiting.due ? held : nil
  }

  /// How many messages a minute.
  func limit(of pace: String) -> Int { limits.isEmpty ? limit : limits[String(pace.prefix { $0 != "/" })] ?? limit }

  /// The messages of the last minute that took a slot.
  func taken(by pace: String, at now: Instant) -> Int {
    slots[pace]?.count { $0.takenAt + Self.window > now } ?? 0
  }

  /// Who has had such messages in the last minute.
  func takers(at now: Instant) -> [String] {
    slots.keys.filter { taken(by: $0, at: now) > 0 }
  }

  /// From when on a provider may be asked again; a time that has passed when it may be asked now.
  func free(_ carrier: String) -> Instant { carriers[carrier]?.freeAt ?? .unset }

  /// Those that have been asked at a rate.
  var askedCarriers: [String] { Array(carriers.keys) }

  /// Whether somebody has had no duty for this service for a while.
  func isFirst(_ page: Page, at instant: Instant) -> Bool { paged.isFirst(page, at: instant) }

  // MARK: Remembering

  mutating func follow(_ configuration: NotificationConfiguration) {
    limit = Int(configuration.limits?.pagesPerMinute ?? Self.pagesAtMost)
    limits = [:]
    for contact in configuration.contacts {
      if let own = contact.limits?.pagesPerMinute { limits[contact.person] = Int(own) }
    }
  }

  mutating func take(_ pace: String, by attempt: String, at instant: Instant) {
    var taken = slots[pace] ?? []
    taken.append(TakenSlot(by: attempt, takenAt: instant))
    slots[pace] = taken.filter { $0.takenAt + Self.window > instant }.sorted {
      ($0.takenAt, $0.by) < ($1.takenAt, $1.by)
    }
  }

  /// It has reached the person by now: the minute counts from here, however long its provider took.
  mutating func arrived(_ pace: String, by attempt: String, begunAt: Instant, at instant: Instant) {
    guard let index = slot(of: pace, by: attempt, begunAt: begunAt), var taken = slots[pace] else { return }
    taken[index].takenAt = instant
    slots[pace] = taken.sorted { ($0.takenAt, $0.by) < ($1.takenAt, $1.by) }
  }

  /// Nothing reached the person. What an earlier attempt of the same delivery took stays taken: that one may have.
  mutating func giveBack(_ pace: String, by attempt: String, begunAt: Instant) {
    guard let index = slot(of: pace, by: attempt, begunAt: begunAt) else { return }
    slots[pace]?.remove(at: index)
    if slots[pace]?.isEmpty ?? false { slots[pace] = nil }
  }

  /// Where the slot stands that a delivery's last attempt took; nil: it took none.
  private func slot(of pace: String, by attempt: String, begunAt: Instant) -> Int? {
    slots[pace]?.lastIndex { $0.by == attempt && $0.takenAt >= begunAt }
  }

  /// One token is taken. Whoever asks before there is one owes no more than a full bucket: the next is never further away than the
  /// rate makes it.
  mutating func ask(_ carrier: String, at rate: Rate?, at instant: Instant) {
    guard let rate else {
      carriers[carrier] = nil
      return
    }
    let each = Span.milliseconds(max(1, rate.per.milliseconds / Int64(max(1, rate.messages))))
    let messages = Int64(max(1, rate.messages))
    let full = min(max(carriers[carrier]?.fullAt ?? instant, instant) + each, instant + each * messages)
    carriers[carrier] = AskedCarrier(carrier: carrier, fullAt: full, freeAt: full - each * (messages - 1))
  }

  /// Its rate is another: what was asked at the one before says nothing about it.
  mutating func forget(_ carrier: String) { carriers[carrier] = nil }

  mutating func note(_ page: Page, at instant: Instant) { paged.note(page, at: instant) }

  /// The wall clock jumped: waiting times are elapsed.
  mutating func shift(by span: Span) {
    for pace in slots.keys {
      slots[pace] = slots[pace]?.map { TakenSlot(by: $0.by, takenAt: $0.takenAt + span) }
    }
    for carrier in carriers.keys {
      guard let asked = carriers[carrier] else { continue }
      carriers[carrier] = AskedCarrier(carrier: carrier, fullAt: asked.fullAt + span, freeAt: asked.freeAt + span)
    }
    paged.shift(by: span)
  }

  // MARK: Checkpoints

  var snapshots: [PacingSnapshot] {
    let slots = self.slots.sorted { $0.key < $1.key }.map { TakenSlots(pace: $0.key, slots: $0.value) }
    let carriers = self.carriers.sorted { $0.key < $1.key }.map(\.value)
    let first = PacingSnapshot(slots: slots, carriers: carriers)
    let paged = self.paged.all
    return (slots.isEmpty && carriers.isEmpty ? [] : [first])
      + stride(from: 0, to: paged.count, by: 1_000).map {
        PacingSnapshot(paged: Array(paged[$0..<min($0 + 1_000, paged.count)]))
      }
  }

  mutating func restore(_ snapshot: PacingSnapshot) {
    for taken in snapshot.slots { slots[taken.pace] = taken.slots }
    for carrier in snapshot.carriers { carriers[carrier.carrier] = carrier }
    paged.restore(snapshot.paged)
  }
}
