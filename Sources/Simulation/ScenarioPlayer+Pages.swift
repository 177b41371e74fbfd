import Messages

/// What the ledger says of an incident's pages.
///
///     > pages KEY                                      each delivery, the newest page first
extension ScenarioPlayer {
  func pages(_ id: String) throws(Refusal) {
    guard let rules = world.notifier.rules else { throw Refusal(.unavailable, "the notifier is down") }
    for delivery in try rules.listPages(ListPagesRequest(incidentId: id)).deliveries {
      let held = delivery.heldUntilAt.isSet ? ", held until \(clock(delivery.heldUntilAt))" : ""
      let words = delivery.words.isEmpty ? "" : ": \(delivery.words)"
      output("\(delivery.person) by \(delivery.channel) \(delivery.state)\(words)\(held)")
    }
  }
}
