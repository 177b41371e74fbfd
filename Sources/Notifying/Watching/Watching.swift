import Messages

/// What the watch remembers: how far intake's alerts have been compared with the ledger, which of them have no page, when a
/// synthetic alert last arrived, and what people have been told.
struct Watching: Hashable, Sendable {
  /// An alert counts as missing when it still has no page so long after it was found to have none: its page may be on its way
  /// from an escalator that has just come back.
  static let confirms = Span.seconds(30)
  /// More than these aren't kept: the alarm is out already.
  static let missingAtMost = 1_000
  static let tellsAgainAfter = Span.minutes(10)
  static let longestBetweenTelling = Span.hours(1)
  /// More missing alerts than people have been told of wait for this; the first ones don't.
  static let tellsOfMoreAfter = Span.minutes(5)

  /// How far one intake's alerts have been compared, by the intake's own numbers and clock.
  struct Progress: Hashable, Sendable {
    var hasBegun = false
    var through: UInt64 = 0
    var releasedThrough = Instant.unset
  }

  private var compared: [Peer: Progress] = [:]
  /// Changed as a whole: what follows from it is found anew each time.
  var missing: [String: MissingAlert] = [:] { didSet { findUntold() } }
  var paged = PagedKinds()
  /// From when on a synthetic alert is waited for.
  var expectedSince = Instant.unset
  var passedAt = Instant.unset
  var took = Span.zero
  /// What people were told and is not over.
  var alarm: WatchAlarmed? { didSet { findUntold() } }
  var numbered: UInt64 = 0
  /// When the first missing alert counts of which nobody has been told; nil: there is none. Asked for each turn of the loop, so
  /// it is found when alerts or the alarm change.
  private(set) var nextUntold: Instant?

  subscript(intake: Peer) -> Progress {
    get { compared[intake] ?? Progress() }
    set { compared[intake] = newValue == Progress() ? nil : newValue }
  }

  /// Of those behind the first one, in the order of their numbers.
  var further: [IntakeCompared] {
    compared.compactMap { peer, one in
      guard let number = peer.intakeNumber, number > 1 else { return nil }
      return IntakeCompared(intake: number, through: one.through, releasedThroughAt: one.releasedThrough)
    }.sorted { $0.intake < $1.intake }
  }

  /// When people are told of missing alerts that they have not heard of; nil: there are none.
  func nextTold(after alarm: WatchAlarmed) -> Instant? {
    let soonest = alarm.missing ? alarm.toldAt + Self.tellsOfMoreAfter : alarm.toldAt
    return nextUntold.map { max($0, soonest) }
  }

  private mutating func findUntold() {
    let told = alarm?.toldAt ?? .unset
    nextUntold = missing.values.lazy.map { $0.foundAt + Self.confirms }.filter { $0 > told }.min()
  }

  /// An alarm that goes on gets another number too: the lost rows may have told of it further times.
  mutating func skipNumbers(_ lost: UInt64) {
    numbered += lost
    guard var renumbered = alarm else { return }
    numbered += 1
    renumbered.number = numbered
    alarm = renumbered
  }

  func confirmed(at now: Instant) -> [MissingAlert] {
    missing.values.filter { $0.foundAt + Self.confirms <= now }
      .sorted { ($0.severity.rawValue, $0.openedAt, $0.id) < ($1.severity.rawValue, $1.openedAt, $1.id) }
  }

  /// When synthetic alerts are lost unless one arrives before; nil: none are expected.
  func lostAt(after patience: Span) -> Instant? {
    patience > .zero && expectedSince.isSet ? expectedSince + patience : nil
  }

  mutating func clockStepped(by span: Span) {
    func moved(_ instant: Instant) -> Instant { instant.isSet ? instant + span : instant }
    paged.clockStepped(by: span)
    expectedSince = moved(expectedSince)
    passedAt = moved(passedAt)
    missing = missing.mapValues { alert in
      var shifted = alert
      shifted.openedAt = moved(alert.openedAt)
      shifted.foundAt = moved(alert.foundAt)
      return shifted
    }
    alarm = alarm.map { told in
      var shifted = told
      shifted.tellAgainAt = moved(told.tellAgainAt)
      shifted.toldAt = moved(told.toldAt)
      shifted.raisedAt = moved(told.raisedAt)
      return shifted
    }
  }
}
