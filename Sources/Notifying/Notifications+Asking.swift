import Messages

/// What operators may ask: the ledger, without addresses.
extension Notifications {
  public func listPages(_ request: ListPagesRequest) throws(Refusal) -> ListPagesReply {
    guard request.limit <= 10_000 else { throw .invalid("limit", "at most 10000") }
    let limit = request.limit == 0 ? 200 : Int(request.limit)
    var found: [Delivery] = []
    func add(_ id: String) -> Bool {
      guard let entry = ledger[id], !request.openOnly || !entry.isFinished else { return true }
      found += entry.deliveries.map {
        Delivery(
          pageId: id, incidentId: entry.incidentID, person: entry.person, channel: $0.channel, state: $0.state,
          attempts: $0.attempts, dueAt: $0.dueAt, changedAt: $0.changedAt, words: $0.words)
      }
      return found.count < limit
    }
    if request.incidentId.isEmpty {
      order.forEach(after: "", add)
    } else {
      for id in idsByIncident[request.incidentId] ?? [] where !add(id) { break }
    }
    return ListPagesReply(deliveries: Array(found.prefix(limit)), open: UInt64(open))
  }
}
