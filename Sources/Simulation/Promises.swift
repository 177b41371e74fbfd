import Messages
import Notifying

/// What Tocsin promises, stated once, and held against what the outside sees: the sources' OKs, the people's OKs, and what
/// the providers were asked to do. It shares no state with the tiers.
///
/// - Nobody is forgotten: an alert that was answered OK is paged, unless an answer came first.
/// - A SEV-4 is paged in its team's working hours, as soon as they come; a SEV-3 at any hour.
/// - Somebody is paged until somebody acts: while an incident is open, silence is never longer than the policy allows.
/// - Nobody is paged after an answer is known: not by what was decided before it, not by the chain, and after a resolve not
///   at all.
/// - No page is late, or early, by more than the policy says while its tiers are up.
/// - Whoever can't be reached is not waited for: the next tier is paged at once.
/// - A phone that a contact rule keeps for some severities rings for no other.
/// - A page reaches somebody twice only if its provider was being asked when the notifier ended or never said how it went,
///   and then it is marked as a repeat.
/// - Trouble with a provider of whatever kind (refusals, outages, 429 with Retry-After, no answer, receipts that are late, doubled, out
///   of order or say that nothing arrived): the channel's second provider is asked, or the person's next channel goes out, within 30
///   seconds of when the first was; what timed out is sent again once at most, and no page is lost.
/// - Nobody gets more than five messages a minute that wake them, besides first pages of a service and a SEV-1 in ten seconds; and
///   what is held for that is never held for longer than a minute.
/// - Who has answered by a page's own channel is not rung by it again while the escalator has not heard of it.
/// - What people say of an incident is posted.
/// - Whoever snoozes an incident is left in peace until it ends, but for what its age brings about; then it is paged again.
/// - An incident keeps the policy that it was opened with, whatever is applied later, and whoever applies another is told so.
/// - An alert of a storm may be part of one of its incidents; then that is paged for.
/// - What fires again after its end is paged anew, whether it is the same incident or another.
/// - Nothing is sent about an incident that is part of another one, and who answers it answers the whole.
/// - What intake says to be silenced pages nobody until the silence ends; then what is still open does.
/// - What intake accepted and nobody was paged for within the limit is told to people by the watch, also when the escalator is out
///   of reach or its timers stand still; and it tells of nothing else.
/// - One report is one alert, however often it has to be told.
/// - What was answered is on disk: replaying the journal, whole or from a checkpoint, gives the same state.
/// - What a source says was deployed reaches the scheduler (`Deployments`).
/// - Whom the escalator would page is whom the scheduler names (`Duty`).
/// - What is owed is settled once faults have stopped: then the scheduler calls no incident active, and knows who worked on
///   which.
///
/// A disk that lies (says OK to a flush and loses it) can't be made good by the tier that believed it. Then the journal
/// notices at the next start and the tier does not run until an operator accepts the loss; from there on all promises hold
/// for whatever the lost rows did not name.
final class Promises {
  struct Accepted {
    var id: String
    var severity: Severity
    /// When the source began to tell: intake can't have committed it earlier.
    var toldAt: Instant
    /// When the source had its OK.
    var at: Instant
  }

  let report: Report
  private(set) var upSince: [Peer: Instant] = [:]
  private(set) var notifierFellAt: [Instant] = []
  private var lostRows: [(peer: Peer, rows: String)] = []
  var stories: [String: Story] = [:]
  var handOvers: [String: [HandOver]] = [:]
  /// How long tiers that are up may take over the network that the seed chose.
  private(set) var slack = Span.seconds(2)
  /// Since when nothing has been made to go wrong.
  var calmSince: Instant?
  /// Providers or people that fail make other pages come earlier than the policy's times.
  private(set) var isProviderFaultless = true
  /// Whether a page was made before an answer shows by its tier's clock only.
  private(set) var areClocksSteady = true
  /// Where nobody holds a tier the next one is paged at once.
  private(set) var hasGaps = false
  private var alertOfReport: [Int64: String] = [:]
  /// Which incidents a source is just telling more of.
  private var reportsUnderWay: [Int64: Set<String>] = [:]
  var window = Window()
  var watch = Watch()
  /// Of which incidents another one may be a part.
  var wholes: [String: Set<String>] = [:]
  /// In the order in which they were applied.
  var applied = [AppliedPolicy(times: .shipped, begun: .unset, certain: .unset)]
  /// By person, for what wakes them, and by each of their quiet channels.
  var paces: [String: Pace] = [:]
  var firstPages: [String: FirstPage] = [:]
  var firstAttemptOfPage: [String: Instant] = [:]
  /// When somebody last had as many messages as they get in a minute.
  var lastFullAt: Instant?
  /// What the escalator answers when it is asked for an incident.
  var incident: (String) -> Incident? = { _ in nil }
  /// Whether the notifier has the escalator's word on an answer, or has lost that it owes it.
  var isAnswerSettled: (String) -> Bool = { _ in true }
  /// Answers that were said to be kept, until the escalator has spoken.
  var keptAnswers: [KeptAnswer] = []

  init(_ report: Report) {
    self.report = report
  }

  /// What goes wrong decides how sharply promises can be judged: with a network that loses one message in ten, seven tries
  /// of a call must fit into the slack; with a perfect one, two seconds are much.
  func expect(_ troubles: Set<TroubleKind>) {
    if !troubles.isDisjoint(with: [.network, .crashes, .disks, .lyingDisks]) { slack = .seconds(60) }
    isProviderFaultless = !troubles.contains(.providers)
    areClocksSteady = !troubles.contains(.clocks)
  }

  /// Somebody left their duty, so that a tier may have nobody.
  func opened() { hasGaps = true }

  // MARK: Tiers

  func rose(_ peer: Peer, at now: Instant) { upSince[peer] = now }

  func fell(_ peer: Peer, at now: Instant) {
    upSince[peer] = nil
    if peer == .notifier { notifierFellAt.append(now) }
  }

  func lostTouch(with peer: Peer) { upSince[peer] = nil }

  /// Rows that a disk had said to be durable are gone, and with them what they named.
  func lost(_ rows: String, at peer: Peer) {
    lostRows.append((peer, rows))
    if peer == .intake { windowUncertain() }
  }

  func isExcused(_ id: String, besides mending: Peer? = nil) -> Bool {
    lostRows.contains { $0.peer != mending && $0.rows.contains("\"\(id)") }
  }

  func hasLostRows(of peer: Peer) -> Bool { lostRows.contains { $0.peer == peer } }

  /// Since when tiers have been up together; nil when one of them isn't.
  func up(_ peers: Peer...) -> Instant? {
    let since = peers.compactMap { upSince[$0] }
    return since.count == peers.count ? since.max() : nil
  }

  func violate(_ id: String, _ what: String) {
    guard !isExcused(id) else { return }
    report.violate("\(id): \(what)")
  }

  // MARK: What the outside knows

  func accept(_ id: String, _ severity: Severity, of report: Int64, toldAt: Instant, at now: Instant) {
    if let before = alertOfReport[report], before != id,
      isOneOpenReport(before)
    {
      violate(before, "is open, and the same report opened \(id) as well")
    }
    if let before = alertOfReport[report], before != id { stories[id, default: Story()].former = before }
    alertOfReport[report] = id
    guard stories[id]?.accepted == nil else { return }
    stories[id, default: Story()].accepted = Accepted(id: id, severity: severity, toldAt: toldAt, at: now)
    self.report.alerts += 1
  }

  /// Whether another alert under the same key would be one too many.
  private func isOneOpenReport(_ id: String) -> Bool {
    let since = stories[id]?.accepted?.toldAt ?? .unset
    return meant(by: id).allSatisfy { meant in
      guard let story = stories[meant] else { return true }
      return story.closingSince == nil && story.lastClosing < since && !story.wasReopened
    }
  }

  func answerBegan(_ id: String, at now: Instant) {
    disturbed(id)
    for id in meant(by: id) { stories[id, default: Story()].approachedAt = stories[id]?.approachedAt ?? now }
  }

  /// An answer counts from the moment that its sender was told OK.
  func answered(_ id: String, at now: Instant) {
    for id in meant(by: id) { stories[id, default: Story()].answeredAt = stories[id]?.answeredAt ?? now }
    stirred(id, at: now)
    report.answers += 1
  }

  /// Somebody did something: what would have come of silence starts anew.
  func stirred(_ id: String, at now: Instant) {
    for id in meant(by: id) { stories[id, default: Story()].lastStir = now }
  }

  /// From here on pages may come at other times than the policy's.
  func touched(_ id: String) {
    disturbed(id)
    for id in meant(by: id) { stories[id, default: Story()].isTouched = true }
  }

  /// What is open is being paged anew, whoever it was with.
  func touchedAll() {
    for id in stories.keys { touched(id) }
  }

  /// Somebody calls it worse or milder, or it is open again as something milder. The longest silence is then that of the mildest it was ever called.
  func called(_ id: String, _ severity: Severity) {
    guard let known = stories[id]?.accepted?.severity, severity.rawValue > known.rawValue else { return }
    stories[id]?.accepted?.severity = severity
  }

  /// Somebody asks for quiet; whether they get it is known later.
  func snoozeBegan(_ id: String, until end: Instant) {
    touched(id)
    for id in meant(by: id) { stories[id]?.snoozes.append(end) }
  }

  func snoozeRefused(_ id: String, until end: Instant) {
    for id in meant(by: id) { stories[id]?.snoozes.removeAll { $0 == end } }
  }

  func snoozed(_ id: String, until end: Instant, at now: Instant) { stories[id]?.peace = now..<max(now, end) }

  /// Somebody does something about it: it is quiet no longer.
  func disturbed(_ id: String) {
    for id in meant(by: id) { stories[id]?.peace = nil }
  }

  /// Somebody says that it is over. Whether they were heard is known later, or never.
  func closingBegan(_ id: String, at now: Instant) {
    for id in meant(by: id) {
      stories[id, default: Story()].closingSince = stories[id]?.closingSince ?? now
      stories[id]?.lastClosing = now
      noteFiringAgain(id)
    }
    answerBegan(id, at: now)
  }

  /// Whether somebody has said that it is over, and nobody since that it isn't.
  func isClosing(_ id: String) -> Bool { stories[id]?.closingSince != nil }

  /// Somebody calls the escalator to say that it is over. Returns which stories that is about, for `resolveAnswered`.
  func resolveBegan(_ id: String, at now: Instant) -> Set<String> {
    closingBegan(id, at: now)
    let all = meant(by: id)
    for id in all { stories[id]?.resolving += 1 }
    return all
  }

  func resolveAnswered(_ ids: Set<String>) {
    for id in ids { stories[id]?.resolving -= 1 }
  }

  /// Somebody says that it is not over after all; whether they were heard is known later. What it was before counts no more.
  func reopeningBegan(_ id: String) {
    touched(id)
    for id in meant(by: id) {
      stories[id]?.closedAt = nil
      stories[id]?.wasReopened = true
    }
  }

  /// Who called it over since that was asked for, or has had no answer yet, may have been heard after it.
  func reopened(_ id: String, since began: Instant, at now: Instant) {
    for id in meant(by: id) {
      guard let story = stories[id] else { continue }
      stories[id]?.closingSince = story.lastClosing >= began || story.resolving > 0 ? story.lastClosing : nil
    }
    stirred(id, at: now)
  }

  /// A source reports again what somebody may have called over, or calls over before intake hears of it.
  func reportsAgain(_ report: Int64) {
    guard let id = alertOfReport[report] else { return }
    let ids = meant(by: id)
    reportsUnderWay[report, default: []].formUnion(ids)
    for id in ids { noteFiringAgain(id) }
  }

  func heardAgain(_ report: Int64) { reportsUnderWay[report] = nil }

  private func noteFiringAgain(_ id: String) {
    guard stories[id]?.closingSince != nil, reportsUnderWay.values.contains(where: { $0.contains(id) }) else { return }
    stories[id]?.mayFireAgain = true
    touched(id)
  }

  /// What people say of an incident is posted.
  func updated(_ id: String) { stories[id, default: Story()].isUpdated = wholes[id] == nil }

  /// - Parameter atSource: intake was told, and hands it on.
  func closed(_ id: String, at now: Instant, atSource: Bool = false) {
    guard !atSource || !isWhole(id) else { return }
    // It has fired again, or was reopened, since this was said.
    let mayBeOpenAgain = stories[id]?.mayFireAgain == true || stories[id]?.wasReopened == true
    guard !mayBeOpenAgain || stories[id]?.closingSince != nil else { return }
    let isNews = stories[id]?.closedAt == nil || (!atSource && stories[id]?.isClosedAtSource == true)
    if isNews {
      stories[id, default: Story()].closedAt = now
      stories[id]?.isClosedAtSource = atSource
    }
    if atSource, stories[id]?.answeredAt == nil { stories[id]?.isAnsweredAtSource = true }
    answered(id, at: now)
  }
}

/// What the outside knows of one incident.
struct Story {
  /// A page that found that its person can't be reached by any channel.
  struct DeadEnd {
    var tier: UInt32
    var person: String
    var at: Instant
  }
  /// When a channel's provider could not be relied on, and how many channels had begun by then.
  struct Trouble {
    var at: Instant
    /// When something else must have begun.
    var due: Instant
    var begun: Int
  }
  /// Which provider of a channel.
  struct Carrier: Hashable {
    var channel: String
    /// Another one carries on where it fails.
    var hasSecond: Bool
  }
  /// The first rung of a personal ladder, and what followed.
  struct Ladder {
    var person: String
    var tier: UInt32
    var pushedAt: Instant
    var channels: Set<String>
    /// Those whose last provider has been asked.
    var byLast: Set<String> = []
    /// The first of each provider.
    var troubles: [Carrier: Trouble] = [:]
  }
  /// A page with duty, by whatever channel its first attempt was.
  struct Begun {
    var tier: UInt32
    var at: Instant
  }
  var accepted: Promises.Accepted?
  /// Somebody has begun to answer: from here on duties, not the chain, decide when others are paged.
  var approachedAt: Instant?
  /// When a person's or source's answer was confirmed.
  var answeredAt: Instant?
  /// The answer has to come to the escalator by way of intake.
  var isAnsweredAtSource = false
  var closingSince: Instant?
  /// When somebody last said so.
  var lastClosing = Instant.unset
  /// How many calls that it is over have no answer.
  var resolving = 0
  var closedAt: Instant?
  /// It was its source that said so: not the end of a whole, which may not have been known to be one then.
  var isClosedAtSource = false
  var isTouched = false
  /// It is open although its alert, and those that were part of it, are over.
  var wasReopened = false
  /// Others may be part of it.
  var isWhole = false
  /// The alert of the same report before it.
  var former: String?
  /// It was reported again after somebody had called it over: the same incident may be open again.
  var mayFireAgain = false
  /// It opened again what it is part of.
  var opensAgain = false
  /// Of which incident it has been a part from the beginning.
  var part: String?
  /// An acknowledgement lapsed or a duty was missed: the chain goes on.
  var hasResumed = false
  var firstAttempt: Instant?
  var tierAttempts: [UInt32: Instant] = [:]
  var lastStir = Instant.unset
  /// Until when somebody wanted it to be quiet.
  var snoozes: [Instant] = []
  /// From when until when it is quiet for certain.
  var peace: Range<Instant>?
  var deadEnds: [DeadEnd] = []
  var ladders: [String: Ladder] = [:]
  var newestPage: [String: String] = [:]
  /// By page.
  var begun: [String: Begun] = [:]
  var isUpdated = false
  /// How many attempts there were to post something.
  var posts = 0
  /// Silence was reported: once is enough.
  var isReported = false
  /// The watch told people that nobody was paged for it, or should have.
  var isToldByWatch = false
}

/// One attempt in the hands of a provider.
final class HandOver {
  let number: UInt32
  let beganAt: Instant
  private(set) var endedAt: Instant?
  /// nil: nobody knows.
  private(set) var reached: Bool?

  init(number: UInt32, at now: Instant) {
    self.number = number
    beganAt = now
  }

  var mayHaveReached: Bool { reached != false }
  var hasReached: Bool { reached == true }
  /// The provider took it and never said so.
  var isUnknown: Bool { endedAt != nil && reached == nil }

  /// That nothing has arrived is known for certain, whatever else isn't.
  func end(reached: Bool?, at now: Instant) {
    endedAt = now
    if self.reached != false { self.reached = reached }
  }

  /// Whether the provider was being asked at one of these moments, or its answer cannot have been on disk yet.
  func wasUnderWay(at moments: [Instant]) -> Bool {
    moments.contains { moment in beganAt <= moment && (endedAt.map { moment <= $0 + .seconds(5) } ?? true) }
  }
}
