import Messages

/// What operators may ask.
extension Alerts {
  /// Alerts in the order in which they were opened, a page at a time.
  public func list(_ request: ListAlertsRequest) throws(Refusal) -> ListAlertsReply {
    guard request.limit <= 1_000 else { throw .invalid("limit", "at most 1000") }
    let limit = request.limit == 0 ? 100 : Int(request.limit)
    if !request.dedupKey.isEmpty {
      let id = idByKey[Key(source: request.source, dedupKey: request.dedupKey)]
      return ListAlertsReply(alerts: id.flatMap { held[$0]?.alert }.map { [$0] } ?? [], open: UInt64(openAlerts))
    }
    var found: [Alert] = []
    order.forEach(after: request.after) { id in
      guard let alert = held[id]?.alert, matches(alert, request) else { return true }
      found.append(alert)
      return found.count < limit
    }
    return ListAlertsReply(alerts: found, open: UInt64(openAlerts))
  }

  private func matches(_ alert: Alert, _ request: ListAlertsRequest) -> Bool {
    (request.includeResolved || alert.state != .resolved) && (request.source.isEmpty || alert.source == request.source)
  }
}
