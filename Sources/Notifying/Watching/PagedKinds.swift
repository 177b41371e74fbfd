import Messages

/// When somebody was last paged for a kind of alert: an alert that became one of a storm has no page of its own, and that somebody
/// was paged for its kind is what the watch can tell without the escalator, whose word it is that the alert is a part of another
/// incident. A kind is what the escalator groups by, and nothing joins an incident that is less severe than itself.
struct PagedKinds: Hashable, Sendable {
  private struct Kind: Hashable, Sendable {
    var team: String
    var service: String
    var alertClass: String
    var severity: Severity
  }
  private var newest: [Kind: Instant] = [:]

  /// - Parameter instant: when it was decided, by the notifier's clock.
  mutating func note(_ page: Page, at instant: Instant) {
    // What says neither what it is about nor what it is belongs with no other.
    guard !page.service.isEmpty || !page.alertClass.isEmpty else { return }
    let kind = Kind(team: page.team, service: page.service, alertClass: page.alertClass, severity: page.severity)
    newest[kind] = max(newest[kind] ?? instant, instant)
  }

  /// A page of this kind leaves the ledger: those before an instant are of no use to anybody.
  mutating func forget(_ page: Page, before instant: Instant) {
    let kind = Kind(team: page.team, service: page.service, alertClass: page.alertClass, severity: page.severity)
    if let last = newest[kind], last < instant { newest[kind] = nil }
  }

  /// The last page of the same kind that was at least as severe.
  func lastPaged(_ alert: MissingAlert) -> Instant? {
    Severity.allCases.filter { $0 != .unspecified && $0.rawValue <= alert.severity.rawValue }.compactMap {
      newest[Kind(team: alert.team, service: alert.service, alertClass: alert.alertClass, severity: $0)]
    }.max()
  }

  mutating func clockStepped(by span: Span) { newest = newest.mapValues { $0 + span } }

  var all: [PagedKind] {
    newest.map { kind, at in
      PagedKind(
        team: kind.team, service: kind.service, alertClass: kind.alertClass, severity: kind.severity, pagedAt: at)
    }.sorted {
      ($0.team, $0.service, $0.alertClass, $0.severity.rawValue) < (
        $1.team, $1.service, $1.alertClass, $1.severity.rawValue
      )
    }
  }

  mutating func restore(_ kinds: [PagedKind]) {
    for one in kinds {
      let kind = Kind(team: one.team, service: one.service, alertClass: one.alertClass, severity: one.severity)
      newest[kind] = one.pagedAt
    }
  }
}
