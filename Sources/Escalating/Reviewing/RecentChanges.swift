import DequeModule
import Messages

/// What was changed lately, for the reviews of incidents that end soon: what matters is copied into a review as it opens, and
/// stays there for ever.
struct RecentChanges: Sendable {
  /// What an incident is about, as far as changes matter to it.
  enum Subject: Hashable, Sendable {
    case service(String)
    /// Of an incident that names no service.
    case team(String)
  }

  /// In the order in which they came to be known.
  private var inOrder: Deque<Change> = []
  private var known: Set<String> = []

  static let keepsAtMost = 2_000
  /// An incident that lasts longer is reviewed with the changes of its last days.
  static let keepsFor = Span.days(7)

  var all: [Change] { Array(inOrder) }

  func contains(_ id: String) -> Bool { known.contains(id) }

  /// - Returns: whether it is new. What is too old beside it leaves.
  mutating func keep(_ change: Change) -> Bool {
    guard known.insert(change.id).inserted else { return false }
    inOrder.append(change)
    while let oldest = inOrder.first,
      inOrder.count > Self.keepsAtMost || oldest.notedAt + Self.keepsFor < change.notedAt
    {
      known.remove(oldest.id)
      inOrder.removeFirst()
    }
    return true
  }

  /// Those that match and came to be known last, in order.
  func newest(_ most: Int, where matches: (Change) -> Bool) -> [Change] {
    Array(inOrder.reversed().lazy.filter(matches).prefix(most).reversed())
  }

  /// How long ago they happened is elapsed time.
  mutating func shift(by span: Span) {
    for index in inOrder.indices {
      inOrder[index].happenedAt = inOrder[index].happenedAt + span
      inOrder[index].notedAt = inOrder[index].notedAt + span
    }
  }
}

extension HeldReview {
  var subjects: [RecentChanges.Subject] {
    [review.service.isEmpty ? .team(review.team) : .service(review.service)] + services.map { .service($0) }
  }

  /// What was changed of its service, or of its team where it has none, or of a service of what was merged into it, from a day
  /// before it opened until it was over (I8).
  func isNear(_ change: Change) -> Bool {
    let isAbout = review.service.isEmpty ? change.team == review.team : change.service == review.service
    return (isAbout || services.contains(change.service)) && change.happenedAt >= review.beganAt - .days(1)
      && (waits || change.happenedAt < review.endedAt)
  }

  /// All that still becomes known is later than its end.
  func isTooOld(for change: Change) -> Bool { !waits && review.endedAt + RecentChanges.keepsFor <= change.notedAt }

  mutating func keep(_ changes: [Change]) {
    let known = Set(review.changes.map(\.id))
    review.changes += changes.filter { !known.contains($0.id) }.map { change in
      var evidence = change
      evidence.team = ""
      evidence.notedAt = .unset
      return evidence
    }
    review.changes.sort { ($0.happenedAt, $0.id) < ($1.happenedAt, $1.id) }
    review.changes.removeFirst(max(0, review.changes.count - Escalations.changesAtMost))
  }
}

extension Escalations {
  private static let changeBytes = 160
  private static let linkBytes = 200

  /// From intake, once or more often. Only what a review tells of it is kept, and intake has the rest: thousands are in memory.
  func note(_ reported: ChangeReported, at now: Instant) throws(Refusal) -> [EscalationFact] {
    guard var change = reported.change, !change.id.isEmpty else { throw .invalid("change.id", "must not be empty") }
    guard change.happenedAt.isSet else { throw .invalid("change.happened_at_ms", "must say when it happened") }
    guard reported.handedOverAt.isSet else { throw .invalid("handed_over_at_ms", "must be given") }
    change.happenedAt = now - max(.zero, reported.handedOverAt - change.happenedAt)
    guard !changes.contains(change.id), change.happenedAt + RecentChanges.keepsFor > now else { return [] }
    change.notedAt = now
    change.labels = []
    change.summary = IncidentRecord.cut(change.summary, to: Self.changeBytes)
    // A part of one leads nowhere.
    change.links = change.links.prefix(1).filter { $0.href.utf8.count <= Self.linkBytes }.map { Link(href: $0.href) }
    change.details = ""
    change.refusal = ""
    return [EscalationFact(kind: .changeSeen(ChangeSeen(change: change)))]
  }
}
