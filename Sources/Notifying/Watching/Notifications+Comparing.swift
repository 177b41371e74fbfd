import Messages

/// The watch, first half: what intake has accepted is compared with the ledger. Neither end is the escalator, so that nothing
/// which goes wrong there goes unnoticed.
extension Notifications {
  static let asksAlso = 200

  /// What to ask intake now; nil when no watch is configured.
  public var question: AcceptedRequest? {
    guard let watch = book.configuration.watch else { return nil }
    return AcceptedRequest(
      fromNow: !watching.hasBegun, after: watching.through, releasedAfterAt: watching.releasedThrough,
      minAge: watch.missingAfter, severities: watch.severities,
      also: Array(watching.missing.keys.sorted().prefix(Self.asksAlso)))
  }

  func compare(_ list: AcceptedList, at now: Instant) -> [NotificationFact] {
    guard book.configuration.watch != nil else { return [] }
    let unpaged = list.alerts.map { MissingAlert($0, at: now) }
      .filter { watching.missing[$0.id] == nil && !hasPage(of: $0.id) && !isCovered($0) }
    let missing = unpaged.prefix(max(0, Watching.missingAtMost - watching.missing.count))
    let over = Set(list.over).intersection(watching.missing.keys)
      .union(watching.missing.values.filter { isCovered($0) }.map(\.id))
    var compared = Compared(
      through: list.through, releasedThroughAt: list.releasedThroughAt, missing: Array(missing), over: over.sorted())
    if missing.count < unpaged.count {
      // Those that there is no room for are listed again.
      compared.through = watching.through
      compared.releasedThroughAt = watching.releasedThrough
    }
    let isNews =
      !watching.hasBegun || compared.through != watching.through
      || compared.releasedThroughAt != watching.releasedThrough
      || !missing.isEmpty || !over.isEmpty
    return isNews ? [.init(kind: .compared(compared))] : []
  }

  /// Pages of an incident, wanted or not; words for channels are none.
  private func hasPage(of incident: String) -> Bool {
    idsByIncident[incident]?.contains { ledger[$0]?.page != nil } ?? false
  }

  private func isCovered(_ alert: MissingAlert) -> Bool {
    guard let watch = book.configuration.watch, let last = watching.paged.lastPaged(alert) else { return false }
    return alert.openedAt <= last + watch.stormCovers
  }

  mutating func apply(_ compared: Compared, at instant: Instant) {
    watching.hasBegun = true
    watching.through = compared.through
    watching.releasedThrough = compared.releasedThroughAt
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
