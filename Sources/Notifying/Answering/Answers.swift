import DequeModule
import Messages

/// The answers to pages that came by the pages' own channels: which the escalator has yet to hear of, which it has spoken about,
/// and who tried what they could not know.
struct Answers: Sendable {
  /// How long an answer is known, so that it has no second effect.
  static let remembers = Span.hours(48)
  /// Wrong answers of one sender within `guessesWithin` that are still looked at.
  static let guessesAtMost = 5
  static let guessesWithin = Span.minutes(10)
  static let blockedFor = Span.minutes(30)
  /// Senders beyond these aren't counted; they are refused all the same. People's own numbers always are.
  static let guessersAtMost = 1_000
  /// People whose used-up answers are counted, apart from the senders: neither takes the other's places.
  static let usedUpAtMost = 10_000
  /// Whoever writes from a number that is nobody's: none of them can answer anything, and they are counted as one.
  static let strangers = "strangers"
  /// The same answer so soon after its outcome is the same answer; later it is a replay.
  static let sameWithin = Span.minutes(1)
  /// Before the person whose page it was: answers that were good once, and are shown again or too late. They are counted by person,
  /// however many pages they are about: one alarm in half an hour says all that many would.
  static let usedUp = "used-up/"
  /// How often one deed on one page is asked of the escalator when it refuses: things may have changed since.
  static let triesAtMost = 20
  /// Whoever answered has had the escalator's word in the reply if that came within this time; later they are told by a message.
  static let toldWithin = Span.milliseconds(1_500)

  private(set) var owed: [String: PageAnswer] = [:]
  /// Those of them that stop their person's ladder, by incident and person.
  private var stopping: [String: Set<String>] = [:]
  private(set) var settled: [String: SettledAnswer] = [:]
  private var inOrder: Deque<String> = []
  private var guessers: [String: Guesser] = [:]
  /// By sender too, which begins with `usedUp` here.
  private var usedUp: [String: Guesser] = [:]
  /// When each person was last told that somebody else showed an answer to a page of theirs.
  private var told: [String: Instant] = [:]
  /// Pages by their person and code.
  private var codes: [String: [String]] = [:]

  mutating func take(_ answer: PageAnswer) {
    owed[answer.id] = answer
    guard answer.deed.stopsTheLadder else { return }
    stopping[Self.key(answer.person, answer.incidentId), default: []].insert(answer.id)
  }

  /// The answer for whose outcome a person's pages about an incident wait; nil: for none.
  func stopping(_ person: String, about incident: String) -> String? {
    stopping[Self.key(person, incident)]?.min()
  }

  /// What an answer is called. One that was refused for now is over, and the same deed on the same page is another answer; one that was
  /// refused for good stays refused, whatever becomes of the incident.
  func nextID(_ page: Page, _ deed: AnswerDeed) -> String {
    let first = "\(page.id)!\(deed.word)"
    var (id, tries) = (first, 1)
    while settled[id]?.mayBeGivenAgain ?? false, tries < Self.triesAtMost {
      tries += 1
      id = "\(first)!\(tries)"
    }
    return id
  }

  /// What the escalator has agreed to, the oldest first: as long as pages can be answered, which is less than the escalator knows
  /// what it has heard, so that nothing old is done anew.
  func agreed(at now: Instant) -> [PageAnswer] {
    inOrder.compactMap { id in
      guard let known = settled[id], !known.refused, now - known.settledAt < AnsweringTerms.validFor else { return nil }
      return known.answer
    }
  }

  mutating func settle(_ fact: AnswerSettled, at instant: Instant) {
    guard let answer = owed.removeValue(forKey: fact.id) else { return }
    let key = Self.key(answer.person, answer.incidentId)
    stopping[key]?.remove(answer.id)
    if stopping[key]?.isEmpty ?? false { stopping[key] = nil }
    guard settled[answer.id] == nil else {
      settled[answer.id]?.refused = fact.refused
      settled[answer.id]?.words = fact.words
      settled[answer.id]?.status = fact.status
      return
    }
    remember(
      SettledAnswer(
        answer: answer, refused: fact.refused, words: fact.words, settledAt: instant, status: fact.status))
  }

  private mutating func remember(_ answer: SettledAnswer) {
    guard let id = answer.answer?.id else { return }
    settled[id] = answer
    inOrder.append(id)
    while let first = inOrder.first, let oldest = settled[first],
      oldest.settledAt + Self.remembers < answer.settledAt
    {
      settled[first] = nil
      inOrder.removeFirst()
    }
  }

  // MARK: Codes

  mutating func note(_ page: Page, _ terms: AnsweringTerms) {
    codes[Self.key(page.person, terms.code(of: page.id)), default: []].append(page.id)
  }

  mutating func forget(_ page: Page, _ terms: AnsweringTerms) {
    let key = Self.key(page.person, terms.code(of: page.id))
    codes[key]?.removeAll { $0 == page.id }
    if codes[key]?.isEmpty ?? false { codes[key] = nil }
  }

  /// One page, but for a chance of one in a million.
  func pages(of person: String, code: String) -> [String] { codes[Self.key(person, code)] ?? [] }

  /// Neither a code nor an incident's id has a space in it.
  private static func key(_ person: String, _ other: String) -> String { "\(other) \(person)" }

  // MARK: Guessing

  /// Until then nothing that a blocked sender says is believed; a number that is somebody's is asked again (`confirm`).
  func blockedUntil(_ sender: String, at now: Instant) -> Instant? {
    guesser(sender).flatMap { $0.blockedUntilAt > now ? $0.blockedUntilAt : nil }
  }

  /// How many wrong answers count against a sender now.
  func guesses(_ sender: String, at now: Instant) -> Int {
    guesser(sender)?.guessedAt.count { $0 + Self.guessesWithin > now } ?? 0
  }

  /// Whether a refusal can be counted. Those whose time is over are in nobody's way: with the next fact they are forgotten.
  func hasRoom(for refused: AnswerRefused, at now: Instant) -> Bool {
    if Self.isUsedUp(refused.sender) {
      return usedUp[refused.sender] != nil || usedUp.count < Self.usedUpAtMost
        || usedUp.values.count { Self.counts($0, at: now) } < Self.usedUpAtMost
    }
    return !refused.person.isEmpty && refused.pageId.isEmpty || refused.sender == Self.strangers
      || guessers[refused.sender] != nil || guessers.count < Self.guessersAtMost
      || guessers.values.count { Self.counts($0, at: now) } < Self.guessersAtMost
  }

  func guesser(_ sender: String) -> Guesser? { Self.isUsedUp(sender) ? usedUp[sender] : guessers[sender] }

  static func isUsedUp(_ sender: String) -> Bool { sender.hasPrefix(usedUp) }

  mutating func refuse(_ refused: AnswerRefused, at instant: Instant) {
    guard refused.guess else { return }
    forgetTheQuiet(at: instant)
    var guesser = guesser(refused.sender) ?? Guesser(sender: refused.sender)
    guesser.guessedAt = guesser.guessedAt.filter { $0 + Self.guessesWithin > instant } + [instant]
    guesser.blockedUntilAt = max(guesser.blockedUntilAt, refused.blockedUntilAt)
    put(guesser)
    guard refused.told else { return }
    told = told.filter { $0.value + Self.blockedFor > instant }
    told[refused.person] = instant
  }

  /// Whether somebody was told within half an hour: once says that somebody has what is not theirs.
  func wasTold(_ person: String, at now: Instant) -> Bool { told[person].map { $0 + Self.blockedFor > now } ?? false }

  private mutating func put(_ guesser: Guesser) {
    if Self.isUsedUp(guesser.sender) {
      usedUp[guesser.sender] = guesser
    } else {
      guessers[guesser.sender] = guesser
    }
  }

  private mutating func forgetTheQuiet(at instant: Instant) {
    if guessers.count >= Self.guessersAtMost / 2 {
      guessers = guessers.filter { Self.counts($0.value, at: instant) }
    }
    if usedUp.count >= Self.usedUpAtMost / 2 { usedUp = usedUp.filter { Self.counts($0.value, at: instant) } }
  }

  private static func counts(_ guesser: Guesser, at now: Instant) -> Bool {
    guesser.blockedUntilAt > now || guesser.guessedAt.contains { $0 + guessesWithin > now }
  }

  // MARK: Checkpoints and clocks

  var snapshot: AnswersSnapshot {
    AnswersSnapshot(
      owed: owed.values.sorted { $0.id < $1.id }, settled: inOrder.compactMap { settled[$0] },
      guessers: (Array(guessers.values) + usedUp.values).sorted { $0.sender < $1.sender },
      told: told.sorted { $0.key < $1.key }.map { ToldOfRefusal(person: $0.key, toldAt: $0.value) })
  }

  mutating func restore(_ snapshot: AnswersSnapshot) {
    for answer in snapshot.owed { take(answer) }
    for answer in snapshot.settled { remember(answer) }
    for guesser in snapshot.guessers { put(guesser) }
    for one in snapshot.told { told[one.person] = one.toldAt }
  }

  /// The wall clock jumped: what was waited for is elapsed time.
  mutating func clockStepped(by span: Span) {
    for (id, answer) in owed { owed[id]?.answeredAt = answer.answeredAt + span }
    for (id, answer) in settled { settled[id]?.settledAt = answer.settledAt + span }
    told = told.mapValues { $0 + span }
    for var guesser in Array(guessers.values) + usedUp.values {
      guesser.guessedAt = guesser.guessedAt.map { $0 + span }
      if guesser.blockedUntilAt.isSet { guesser.blockedUntilAt = guesser.blockedUntilAt + span }
      put(guesser)
    }
  }
}

extension SettledAnswer {
  /// The escalator may say otherwise when it is asked again: it had not heard of the incident or the person, or could not be asked. What
  /// it said of the incident as it was then holds for good. An older version did not write why: then too.
  fileprivate var mayBeGivenAgain: Bool {
    guard refused, let why = Status(rawValue: status) else { return false }
    return why.isWorthRetrying || [.notFound, .unimplemented, .unauthenticated, .internal].contains(why)
  }
}
