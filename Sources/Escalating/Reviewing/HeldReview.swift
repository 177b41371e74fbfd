import Machinery
import Messages

/// A review and what it does by itself, as long as the rules must know of it:
///
///     open ──► held ──► closed ──► left to history, when its actions are done
///      ▲        │          │
///      └────────┴──────────┘  when its incident is reopened: what is known of it stays, and it is due after the next end
struct HeldReview: Hashable, Sendable {
  var review: Review
  var clocks: [ReviewClock] = []
  /// Words that the notifier must still get.
  var posts: [ReviewPost] = []
  var postsMade: UInt64
  var findingsMade: UInt32 = 0
  var actionsMade: UInt32 = 0
  /// Of what was merged into its incident.
  var services: [String] = []

  var id: String { review.incidentId }
  var isClosed: Bool { review.state == .closed }
  /// Its incident is open again.
  var waits: Bool { !review.endedAt.isSet }
  var openActions: [ReviewAction] { review.actions.filter(\.isOpen) }
  /// Nothing more can come of it, but for its incident being reopened.
  var isDone: Bool { isClosed && openActions.isEmpty }
  var nextClock: ReviewClock? { clocks.min { ($0.dueAt, $0.notice.rawValue) < ($1.dueAt, $1.notice.rawValue) } }

  /// The gravest that is to be said of it; nil when that is nothing, or only actions are due.
  func notice(dueAt now: Instant) -> ReviewNotice? {
    clocks.filter { $0.dueAt <= now && $0.notice != .actionDue }.map(\.notice).max { $0.rawValue < $1.rawValue }
  }

  func isOverdue(at now: Instant) -> Bool {
    !isClosed && review.dueAt.isSet && review.dueAt <= now || openActions.contains { $0.dueAt <= now }
  }

  /// - Parameter posts: how many may have been made before.
  init(_ incident: String, posts: UInt64) {
    review = Review(incidentId: incident, state: .open)
    postsMade = posts
  }

  mutating func remember(_ kind: EscalationFact.Kind, at instant: Instant) {
    switch kind {
    case .reviewOpened(let opened): open(opened, at: instant)
    case .reviewTold(let told): note(told, at: instant)
    case .reviewAttended(let attended): note(attended)
    case .reviewFound(let found): found.finding.map { note($0) }
    case .reviewActionSet(let set): set.action.map { note($0, at: instant) }
    case .reviewTicked(let tick): note(tick, at: instant)
    case .reviewReassigned(let reassigned): review.owner = reassigned.to
    case .reviewClosed(let closed):
      review.state = .closed
      review.closedBy = closed.by
      review.closedAt = instant
      clocks.removeAll { $0.notice != .actionDue }
    default: break
    }
  }

  private mutating func open(_ fact: ReviewOpened, at instant: Instant) {
    review.severity = fact.severity
    review.summary = fact.summary
    review.service = fact.service
    review.team = fact.team
    if review.owner.isEmpty { review.owner = fact.owner }
    review.beganAt = fact.beganAt
    review.endedAt = instant
    review.dueAt = fact.dueAt
    clocks.removeAll { $0.notice != .actionDue }
    clocks += [
      ReviewClock(notice: .yours, dueAt: fact.announceAt), ReviewClock(notice: .dueToday, dueAt: fact.remindAt),
      ReviewClock(notice: .overdue, dueAt: fact.dueAt),
    ]
  }

  /// Its incident is open again.
  mutating func reopen() {
    review.endedAt = .unset
    review.dueAt = .unset
    review.closedBy = ""
    review.closedAt = .unset
    review.state = review.attended.isEmpty ? .open : .held
    clocks.removeAll { $0.notice != .actionDue }
  }

  /// What was said is over, and whatever would have been said before.
  private mutating func note(_ told: ReviewTold, at instant: Instant) {
    if told.notice == .actionDue {
      clocks.removeAll { $0.notice == .actionDue && told.actions.contains($0.action) }
    } else {
      clocks.removeAll { $0.notice.rawValue <= told.notice.rawValue }
    }
    if told.againAt.isSet { clocks.append(ReviewClock(notice: told.notice, dueAt: told.againAt)) }
    for person in told.people {
      postsMade += 1
      posts.append(ReviewPost(postId: "\(id)#r\(postsMade)", person: person, text: told.text, postedAt: instant))
    }
  }

  private mutating func note(_ attended: ReviewAttended) {
    if attended.absent {
      review.attended.removeAll { attended.people.contains($0) }
    } else {
      review.attended = (review.attended + attended.people).distinct
    }
    let isHeld = !review.attended.isEmpty
    review.state = isHeld ? .held : .open
    review.heldAt = isHeld ? attended.heldAt : .unset
  }

  private mutating func note(_ finding: Finding) {
    findingsMade = max(findingsMade, finding.number)
    let index = review.findings.firstIndex { $0.number == finding.number }
    switch (index, finding.text.isEmpty) {
    case (let index?, true): review.findings.remove(at: index)
    case (let index?, false): review.findings[index] = finding
    case (nil, false): review.findings.append(finding)
    case (nil, true): break
    }
  }

  private mutating func note(_ action: ReviewAction, at instant: Instant) {
    actionsMade = max(actionsMade, action.number)
    let index = review.actions.firstIndex { $0.number == action.number }
    switch (index, action.text.isEmpty) {
    case (let index?, true): review.actions.remove(at: index)
    case (let index?, false): review.actions[index] = action
    case (nil, false): review.actions.append(action)
    case (nil, true): break
    }
    startClock(of: action, at: instant)
  }

  private mutating func note(_ tick: ReviewTicked, at instant: Instant) {
    guard let index = review.actions.firstIndex(where: { $0.number == tick.number }) else { return }
    review.actions[index].doneBy = tick.undo ? "" : tick.by
    review.actions[index].doneAt = tick.undo ? .unset : instant
    startClock(of: review.actions[index], at: instant)
  }

  private mutating func startClock(of action: ReviewAction, at instant: Instant) {
    clocks.removeAll { $0.notice == .actionDue && $0.action == action.number }
    guard action.isOpen, !action.text.isEmpty, action.dueAt > instant else { return }
    clocks.append(ReviewClock(notice: .actionDue, action: action.number, dueAt: action.dueAt))
  }

  /// What was learned of a part that belongs to this incident now, and what was changed around it.
  mutating func take(_ part: HeldReview, at instant: Instant) {
    take([part.review.service] + part.services)
    keep(part.review.changes)
    if review.owner.isEmpty { review.owner = part.review.owner }
    if !part.review.attended.isEmpty {
      review.attended = (review.attended + part.review.attended).distinct
      if !review.heldAt.isSet { review.heldAt = part.review.heldAt }
      if review.state == .open { review.state = .held }
    }
    for var finding in part.review.findings {
      finding.number = findingsMade + 1
      note(finding)
    }
    for var action in part.review.actions {
      action.number = actionsMade + 1
      note(action, at: instant)
    }
  }

  mutating func take(_ others: [String]) {
    let all = (services + others.filter { !$0.isEmpty }).distinct
    services = Array(all.prefix(IncidentRecord.servicesAtMost))
  }

  /// The wall clock jumped. What is due is civil and stays; how long words have waited is elapsed time.
  mutating func shift(by span: Span) {
    for index in posts.indices { posts[index].postedAt = posts[index].postedAt + span }
  }

  // MARK: In a checkpoint

  var snapshot: ReviewSnapshot {
    ReviewSnapshot(
      incidentId: id, review: review, clocks: clocks, posts: posts, postsMade: postsMade, findingsMade: findingsMade,
      actionsMade: actionsMade, services: services)
  }

  init?(_ snapshot: ReviewSnapshot) {
    guard let review = snapshot.review else { return nil }
    self.review = review
    clocks = snapshot.clocks
    posts = snapshot.posts
    postsMade = snapshot.postsMade
    findingsMade = snapshot.findingsMade
    actionsMade = snapshot.actionsMade
    services = snapshot.services
  }
}

extension ReviewAction {
  var isOpen: Bool { doneBy.isEmpty }
}
