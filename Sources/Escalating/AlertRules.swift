import Messages

/// What other tiers' words must be to be taken in: each refusal names the field and the rule. Nothing that is refused here is
/// ever sent by a tier that works.
enum AlertRules {
  static func check(_ alert: Alert) throws(Refusal) {
    try id(alert.id, "id")
    guard alert.generation > 0 else { throw .invalid("generation", "must be 1 or more") }
    guard alert.state != .unspecified else { throw .invalid("state", "must be OPEN, ACKNOWLEDGED or RESOLVED") }
    guard alert.severity != .unspecified || alert.elsewhere else {
      throw .invalid("severity", "must be SEV1, SEV2, SEV3 or SEV4")
    }
    guard !alert.elsewhere || (alert.state != .open && !alert.dedupKey.isEmpty) else {
      throw .invalid("elsewhere", "an end or an acknowledgement under a dedup key")
    }
    guard alert.openedAt.isSet else {
      throw .invalid("opened_at_ms", "must say when intake took it in: the clocks start there")
    }
  }

  static func check(_ receipt: PageReceipt) throws(Refusal) {
    try id(receipt.incidentId, "incident_id")
    guard !receipt.person.isEmpty else { throw .invalid("person", "must say whose page it is") }
    guard HeldPage.number(in: receipt.pageId) != nil, receipt.pageId.hasPrefix("\(receipt.incidentId)/") else {
      throw .invalid("page_id", "must be the incident's id, the person and a number, as in \"2f-1k/ana/1\"")
    }
    guard !receipt.outcome.isEmpty else { throw .invalid("outcome", "must say how the page fares") }
  }

  /// The ids of pages, posts and work are made of the incident's.
  private static func id(_ id: String, _ field: String) throws(Refusal) {
    guard !id.isEmpty else { throw .invalid(field, "must not be empty") }
    guard !id.contains(where: { "/#:".contains($0) }) else { throw .invalid(field, "must not contain / # or :") }
  }
}
