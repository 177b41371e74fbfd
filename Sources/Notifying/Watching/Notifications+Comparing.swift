import Messages

/// The watch, first half: what intake has accepted is compared with the ledger. Neither end is the escalator, so that nothing
/// which goes wrong there goes unnoticed.
extension Notifications {
  /// How long after a page an alert of the same service and class may have become part of its incident: an hour after that was
  /// opened, and some time for the page.
  static let stormCovers = Span.minutes(70)
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
    let room = Watching.missingAtMost - watching.missing.count
    let missing = list.alerts.filter { watching.missing[$0.id] == nil && !isPaged($0, at: now) }.prefix(max(0, room))
    let over = Set(list.over).intersection(watching.missing.keys)
      .union(watching.missing.values.filter { isCovered($0) }.map(\.id))
    let compared = Compared(
      through: list.through, releasedThroughAt: list.releasedThroughAt,
      missing: missing.map { MissingAlert($0, at: now) }, over: over.sorted())
    let isNews =
      !watching.hasBegun || list.through != watching.through || list.releasedThroughAt != watching.releasedThrough
      || !missing.isEmpty || !over.isEmpty
    return isNews ? [.init(kind: .compared(compared))] : []
  }

  private func isPaged(_ alert: AcceptedAlert, at now: Instant) -> Bool {
    hasPage(of: alert.id)
      || isCovered(service: alert.service, alertClass: alert.alertClass, openedAt: now - alert.age)
  }

  /// Pages of an incident, wanted or not; words for channels are none.
  private func hasPage(of incident: String) -> Bool {
    idsByIncident[incident]?.contains { ledger[$0]?.page != nil } ?? false
  }

  private func isCovered(_ alert: MissingAlert) -> Bool {
    isCovered(service: alert.service, alertClass: alert.alertClass, openedAt: alert.openedAt)
  }

  private func isCovered(service: String, alertClass: String, openedAt: Instant) -> Bool {
    paged.lastPaged(service: service, alertClass: alertClass).map { $0 + Self.stormCovers >= openedAt } ?? false
  }

  mutating func apply(_ compared: Compared, at instant: Instant) {
    watching.hasBegun = true
    watching.through = compared.through
    watching.releasedThrough = compared.releasedThroughAt
    for id in compared.over { watching.missing[id] = nil }
    for alert in compared.missing { watching.missing[alert.id] = alert }
  }
}

extension MissingAlert {
  fileprivate init(_ alert: AcceptedAlert, at now: Instant) {
    self.init(
      id: alert.id, severity: alert.severity, team: alert.team, service: alert.service, alertClass: alert.alertClass,
      summary: alert.summary, openedAt: now - alert.age, foundAt: now)
  }
}
