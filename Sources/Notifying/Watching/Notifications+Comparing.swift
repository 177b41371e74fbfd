import Messages

/// The watch, first half: what intake has accepted is compared with the ledger. Neither end is the escalator, so that nothing
/// which goes wrong there goes unnoticed.
extension Notifications {
  static let asksAlso = 200

  /// What to ask an intake now; nil when no watch is configured.
  public func question(to intake: Peer = .intake) -> AcceptedRequest? {
    guard let watch = book.configuration.watch else { return nil }
    let missing = watching.missing.keys.filter { Shard.intake(ofAlert: $0) == intake }
    return AcceptedRequest(
      fromNow: !watching[intake].hasBegun, after: watching[intake].through,
      releasedAfterAt: watching[intake].releasedThrough, minAge: watch.missingAfter, severities: watch.severities,
      also: Array(missing.sorted().prefix(Self.asksAlso)))
  }

  func compare(_ list: AcceptedList, of intake: Peer, at now: Instant) -> [NotificationFact] {
    guard book.configuration.watch != nil else { return [] }
    let before = watching[intake]
    let partOf = list.incidents
    let unpaged = list.alerts.map { MissingAlert($0, at: now) }
      .filter { watching.missing[$0.id] == nil && !hasPage(of: $0.id) && !isCovered($0, asPartOf: partOf[$0.id]) }
    let missing = unpaged.prefix(max(0, Watching.missingAtMost - watching.missing.count))
    let over = Set(list.over).intersection(watching.missing.keys)
      .union(watching.missing.values.filter { isCovered($0, asPartOf: partOf[$0.id]) }.map(\.id))
    var compared = Compared(
      through: list.through, releasedThroughAt: list.releasedThroughAt, missing: Array(missing), over: over.sorted(),
      intake: intake.intakeNumber.map { $0 > 1 ? $0 : 0 } ?? 0)
    if missing.count < unpaged.count {
      // Those that there is no room for are listed again.
      compared.through = before.through
      compared.releasedThroughAt = before.releasedThrough
    }
    let isNews =
      !before.hasBegun || compared.through != before.through || compared.releasedThroughAt != before.releasedThrough
      || !missing.isEmpty || !over.isEmpty
    return isNews ? [.init(kind: .compared(compared))] : []
  }

  /// Pages of an incident, wanted or not; words for channels are none.
  private func hasPage(of incident: String) -> Bool {
    idsByIncident[incident]?.contains { ledger[$0]?.page != nil } ?? false
  }

  /// An alert that the escalator has taken as a part of another incident has no page of its own. Its word alone isn't believed:
  /// somebody must have been paged for that incident, and lately for alerts of this kind. What it hasn't taken is covered by nothing,
  /// whoever was paged before.
  private func isCovered(_ alert: MissingAlert, asPartOf whole: String?) -> Bool {
    guard let whole, hasPage(of: whole) else { return false }
    // What another intake took in before is that incident itself, however long ago it was paged.
    if Shard.intake(ofAlert: whole) != Shard.intake(ofAlert: alert.id) { return true }
    guard let watch = book.configuration.watch, let last = watching.paged.lastPaged(alert) else { return false }
    return alert.openedAt <= last + watch.stormCovers
  }

  mutating func apply(_ compared: Compared, at instant: Instant) {
    watching[.intake(number: compared.intake)] = .init(
      hasBegun: true, through: compared.through, releasedThrough: compared.releasedThroughAt)
    guard !compared.over.isEmpty || !compared.missing.isEmpty else { return }
    var missing = watching.missing
    for id in compared.over { missing[id] = nil }
    for alert in compared.missing { missing[alert.id] = alert }
    watching.missing = missing
  }
}

extension MissingAlert {
  fileprivate init(_ alert: AcceptedAlert, at now: Instant) {
    self.init(
      id: alert.id, severity: alert.severity, team: alert.team, service: alert.service, alertClass: alert.alertClass,
      summary: alert.summary, openedAt: now - alert.age, foundAt: now)
  }
}

extension AcceptedList {
  /// Of which incidents alerts are parts, by alert.
  fileprivate var incidents: [String: String] {
    let new = alerts.filter { !$0.partOf.isEmpty }.map { ($0.id, $0.partOf) }
    return Dictionary(new + parts.map { ($0.id, $0.partOf) }, uniquingKeysWith: { _, last in last })
  }
}
