import Messages

/// Which codes for signing in wait, which were used or guessed at, and which of each person's sessions hold.
///
/// One ledger for all who show pages: a code is used once, and a person who signs out is out, whatever copies of them there are.
struct SignIns: Sendable {
  /// How long a code can be entered.
  static let validFor = Span.minutes(10)
  /// Wrong codes that use up the right one.
  static let wrongAtMost: UInt32 = 5
  /// Codes of one person within `countedFor`: whoever else asks in their name can neither flood their phone nor guess for long.
  static let asksAtMost = 5
  static let countedFor = Span.minutes(15)
  /// Wrong codes of one person within a day, all of them for codes that were sent: after that none is, till the day is over. So a guess
  /// has some twenty chances in a hundred million a day. Whoever has a session keeps it, and pages come and are answered as ever.
  static let wrongADayAtMost: UInt32 = 20
  static let dayOfWrongCodes = Span.hours(24)

  private var asked: [String: SignInAsked] = [:]
  private var generations: [String: UInt64] = [:]
  private var ended = EndedSessions()
  private var wrong: [String: WrongCodes] = [:]

  /// From 1 on.
  func generation(of person: String) -> UInt64 { generations[person] ?? 1 }

  /// Of the generation that holds.
  func endedSessions(of person: String) -> [String] { ended.ids(of: person) }

  func hasRoom(for session: SignOutRequest, at now: Instant) -> Bool { ended.hasRoom(for: session.by, at: now) }

  func mayAsk(_ person: String, at now: Instant) -> Bool {
    count(of: person, at: now) < Self.asksAtMost && (wrongCodes(of: person, at: now)?.count ?? 0) < Self.wrongADayAtMost
  }

  /// How many codes a person was sent within the time in which they are counted.
  func count(of person: String, at now: Instant) -> Int {
    asked.values.count { $0.person == person && now < $0.askedAt + Self.countedFor }
  }

  /// Of the day that isn't over; nil: none.
  func wrongCodes(of person: String, at now: Instant) -> WrongCodes? {
    wrong[person].flatMap { now < $0.sinceAt + Self.dayOfWrongCodes ? $0 : nil }
  }

  func isKnown(_ ask: String) -> Bool { asked[ask] != nil }

  /// What waits for its code; nil when nothing does.
  func waiting(_ ask: String, at now: Instant) -> SignInAsked? {
    guard let one = asked[ask], !one.used, one.wrong < Self.wrongAtMost, now < one.askedAt + Self.validFor else {
      return nil
    }
    return one
  }

  // MARK: Remembering

  mutating func ask(_ one: SignInAsked, at instant: Instant) {
    asked = asked.filter { instant < $0.value.askedAt + Self.countedFor }
    asked[one.ask] = one
  }

  /// Whoever has the right one has shown that it was they who mistyped.
  mutating func enter(_ fact: SignInEntered, at instant: Instant) {
    guard let person = asked[fact.ask]?.person else { return }
    guard !fact.right else {
      asked[fact.ask]?.used = true
      wrong[person] = nil
      return
    }
    asked[fact.ask]?.wrong += 1
    wrong = wrong.filter { instant < $0.value.sinceAt + Self.dayOfWrongCodes }
    wrong[person, default: WrongCodes(person: person, sinceAt: instant)].count += 1
  }

  /// Codes that are under way are theirs whose sessions all end, and what others guessed before is over with them.
  mutating func signOut(_ fact: SignedOut, at instant: Instant) {
    guard fact.session.isEmpty else { return ended.end(fact, at: instant) }
    generations[fact.person] = fact.generation
    ended.forget(fact.person)
    wrong[fact.person] = nil
    for (ask, one) in asked where one.person == fact.person { asked[ask]?.used = true }
  }

  /// When a session ends is no time that has passed: its cookie says it by the clock on the wall.
  mutating func clockStepped(by span: Span) {
    for (ask, one) in asked { asked[ask]?.askedAt = one.askedAt + span }
    for (person, one) in wrong { wrong[person]?.sinceAt = one.sinceAt + span }
  }

  var snapshot: SignInsSnapshot {
    SignInsSnapshot(
      asked: asked.values.sorted { $0.ask < $1.ask },
      people: generations.sorted { $0.key < $1.key }.map { SignedOut(person: $0.key, generation: $0.value) },
      sessions: ended.all, wrong: wrong.values.sorted { $0.person < $1.person })
  }

  mutating func restore(_ snapshot: SignInsSnapshot) {
    for one in snapshot.asked { asked[one.ask] = one }
    for one in snapshot.people { generations[one.person] = one.generation }
    ended.restore(snapshot.sessions)
    for one in snapshot.wrong { wrong[one.person] = one }
  }
}
