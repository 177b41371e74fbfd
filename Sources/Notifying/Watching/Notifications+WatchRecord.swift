import Messages

/// The watch in checkpoints, and as time and configuration change it.
extension Notifications {
  var watchSnapshot: [NotificationFact] {
    guard watching != Watching() else { return [] }
    return [
      .init(
        kind: .watch(
          WatchSnapshot(
            begun: watching[.intake].hasBegun, through: watching[.intake].through,
            releasedThroughAt: watching[.intake].releasedThrough,
            missing: watching.missing.values.sorted { $0.id < $1.id }, expectedSinceAt: watching.expectedSince,
            passedAt: watching.passedAt, took: watching.took, alarm: watching.alarm, numbered: watching.numbered,
            paged: watching.paged.all, further: watching.further)))
    ]
  }

  mutating func restore(_ snapshot: WatchSnapshot) {
    watching = Watching()
    watching[.intake] = .init(
      hasBegun: snapshot.begun, through: snapshot.through, releasedThrough: snapshot.releasedThroughAt)
    for one in snapshot.further {
      watching[.intake(number: one.intake)] = .init(
        hasBegun: true, through: one.through, releasedThrough: one.releasedThroughAt)
    }
    watching.missing = Dictionary(uniqueKeysWithValues: snapshot.missing.map { ($0.id, $0) })
    watching.expectedSince = snapshot.expectedSinceAt
    watching.passedAt = snapshot.passedAt
    watching.took = snapshot.took
    watching.alarm = snapshot.alarm
    watching.numbered = snapshot.numbered
    watching.paged.restore(snapshot.paged)
  }

  mutating func apply(_ alarmed: WatchAlarmed) {
    watching.alarm = alarmed
    watching.numbered = max(watching.numbered, alarmed.number)
  }

  /// A watch that is configured anew begins where intake is now, and waits for synthetic alerts from now on.
  mutating func follow(_ watch: Watch?, before: Watch?, at instant: Instant) {
    guard watch != before else { return }
    if watch == nil {
      let before = watching
      watching = Watching()
      watching.paged = before.paged
      watching.numbered = before.numbered
    }
    if watch?.syntheticLostAfter != before?.syntheticLostAfter { watching.expectedSince = instant }
  }

  /// Nothing could arrive while no process ran.
  mutating func waitAnew(at instant: Instant) {
    if watching.expectedSince.isSet { watching.expectedSince = max(watching.expectedSince, instant) }
  }
}

extension NotificationConfiguration {
  func checkWatch() throws(Refusal) {
    guard let watch else { return }
    let known = Set(contacts.map(\.person))
    for (index, person) in watch.people.enumerated() where !known.contains(person) {
      throw .invalid("watch.people[\(index)]", "\(person) has no contacts")
    }
    guard !watch.people.isEmpty else { throw .invalid("watch.people", "name at least one person to page") }
    guard Set(watch.people).count == watch.people.count else { throw .invalid("watch.people", "each person once") }
    guard (.seconds(10))...Span.hours(1) ~= watch.missingAfter else {
      throw .invalid("watch.missing_after_ms", "from ten seconds to an hour")
    }
    guard (.zero)...Span.days(2) ~= watch.stormCovers else {
      throw .invalid("watch.storm_covers_ms", "from 0 to two days")
    }
    guard !watch.severities.contains(.unspecified), Set(watch.severities).count == watch.severities.count else {
      throw .invalid("watch.severities", "SEV1, SEV2, SEV3 and SEV4, each at most once")
    }
    guard watch.syntheticLostAfter == .zero || (.seconds(20))...Span.hours(24) ~= watch.syntheticLostAfter else {
      throw .invalid("watch.synthetic_lost_after_ms", "from 20 seconds to a day, or 0 where none are sent")
    }
  }
}
