import DequeModule
import Messages

/// How many alerts of one kind came lately, and which incident is the newest of that kind (requirement I5).
struct Storms: Sendable {
  struct Kind: Hashable, Sendable {
    var team: String
    var service: String
    var alertClass: String

    /// An alert that says neither what it is about nor what it is belongs with no other.
    var isKnown: Bool { !service.isEmpty || !alertClass.isEmpty }
  }
  private struct Run: Sendable {
    var incident: String
    /// The latest, in order.
    var came: [Instant]
  }

  private var runs: [Kind: Run] = [:]
  /// Where to look for those that are over.
  private var round: Deque<Kind> = []

  /// What a policy may name at most.
  static let alertsAtMost = 20
  static let longest = Span.hours(1)

  /// In the order in which they are looked at.
  var all: [StormSnapshot] {
    round.compactMap { kind in
      runs[kind].map {
        StormSnapshot(
          team: kind.team, service: kind.service, alertClass: kind.alertClass, incidentId: $0.incident, cameAt: $0.came)
      }
    }
  }

  /// The newest incident of a kind of which there is a storm; nil when there is none.
  func incident(of kind: Kind, by rule: Grouping, at now: Instant) -> String? {
    guard let run = runs[kind] else { return nil }
    return run.came.count { $0 > now - rule.within } >= Int(rule.after) ? run.incident : nil
  }

  /// One more came, and is an incident or part of one.
  mutating func note(_ kind: Kind, in incident: String, at instant: Instant) {
    forgetSome(at: instant)
    if runs[kind] == nil { round.append(kind) }
    runs[kind, default: Run(incident: incident, came: [])].incident = incident
    runs[kind]?.came.append(instant)
    if let count = runs[kind]?.came.count, count > Self.alertsAtMost { runs[kind]?.came.removeFirst() }
  }

  mutating func restore(_ storm: StormSnapshot) {
    let kind = Kind(team: storm.team, service: storm.service, alertClass: storm.alertClass)
    if runs.updateValue(Run(incident: storm.incidentId, came: storm.cameAt), forKey: kind) == nil { round.append(kind) }
  }

  mutating func shift(by span: Span) {
    runs = runs.mapValues { Run(incident: $0.incident, came: $0.came.map { $0 + span }) }
  }

  /// Two are looked at for each that comes, so that kinds without number don't stay.
  private mutating func forgetSome(at instant: Instant) {
    for _ in 0..<2 {
      guard let kind = round.popFirst() else { return }
      if let last = runs[kind]?.came.last, last + Self.longest >= instant {
        round.append(kind)
      } else {
        runs[kind] = nil
      }
    }
  }
}
