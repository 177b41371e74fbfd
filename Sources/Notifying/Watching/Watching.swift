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

  var hasBegun = false
  var through: UInt64 = 0
  var releasedThrough = Instant.unset
  var missing: [String: MissingAlert] = [:]
  var paged = PagedKinds()
  /// From when on a synthetic alert is waited for.
  var expectedSince = Instant.unset
  var passedAt = Instant.unset
  var took = Span.zero
  /// What people were told and is not over.
  var alarm: WatchAlarmed?
  var numbered: UInt64 = 0

  /// When a missing alert becomes an alarm; nil: none is missing.
  var nextConfirmed: Instant? { missing.values.map(\.foundAt).min().map { $0 + Self.confirms } }

  /// When people are told of missing alerts that they have not heard of; nil: there are none.
  func nextTold(after alarm: WatchAlarmed) -> Instant? {
    let soonest = alarm.missing ? alarm.toldAt + Self.tellsOfMoreAfter : alarm.toldAt
    return missing.values.map { $0.foundAt + Self.confirms }.filter { $0 > alarm.toldAt }.min().map { max($0, soonest) }
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
    for id in missing.keys {
      missing[id]!.openedAt = moved(missing[id]!.openedAt)
      missing[id]!.foundAt = moved(missing[id]!.foundAt)
    }
    if let told = alarm {
      alarm?.tellAgainAt = moved(told.tellAgainAt)
      alarm?.toldAt = moved(told.toldAt)
      alarm?.raisedAt = moved(told.raisedAt)
    }
  }
}
