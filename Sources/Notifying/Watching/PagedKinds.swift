import Messages

/// When somebody was last paged for a service and a class of alert: an alert that became one of a storm has no page of its own,
/// and this is how the watch can tell without asking the escalator.
struct PagedKinds: Sendable {
  private struct Kind: Hashable, Sendable {
    var service: String
    var alertClass: String
  }
  private var newest: [Kind: Instant] = [:]

  mutating func note(_ page: Page) {
    let kind = Kind(service: page.service, alertClass: page.alertClass)
    newest[kind] = max(newest[kind] ?? page.pagedAt, page.pagedAt)
  }

  /// The page has left the ledger. An older one of its kind has left it before.
  mutating func forget(_ page: Page) {
    let kind = Kind(service: page.service, alertClass: page.alertClass)
    if let last = newest[kind], last <= page.pagedAt { newest[kind] = nil }
  }

  func lastPaged(service: String, alertClass: String) -> Instant? {
    newest[Kind(service: service, alertClass: alertClass)]
  }
}
