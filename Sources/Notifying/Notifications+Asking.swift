import Messages

/// What operators may ask: the ledger, without addresses.
extension Notifications {
  /// How many entries one call looks at: it shares a thread with the paging.
  static let visitsAtMost = 20_000
  /// A reply stays below what a frame may carry (1 MiB).
  static let replyBytesAtMost = 900 * 1_024

  /// The newest page first. A reply ends early when it is full or has looked long enough; `next` then says where to go on.
  public func listPages(_ request: ListPagesRequest) throws(Refusal) -> ListPagesReply {
    guard request.limit <= 10_000 else { throw .invalid("limit", "at most 10000") }
    guard request.after.isEmpty || ledger[request.after] != nil else {
      throw .invalid("after", "there is no such page, or not any more: begin again without it")
    }
    var list = PageList(limit: request.limit == 0 ? 200 : Int(request.limit), after: request.after)
    func visit(_ id: String, _ entry: LedgerEntry) -> Bool {
      guard list.visits < Self.visitsAtMost else { return list.end() }
      list.visits += 1
      // They come every minute, and are listed when they are asked for.
      guard entry.page?.purpose != .synthetic || !request.incidentId.isEmpty else { return list.skip(id) }
      return !request.openOnly || !entry.isFinished ? list.add(entry, id, timetable.pacing) : list.skip(id)
    }
    if request.incidentId.isEmpty {
      ledger.forEachBackwards(before: request.after, visit)
    } else {
      var ids = (idsByIncident[request.incidentId] ?? [])[...]
      if let place = ids.firstIndex(of: request.after) { ids = ids[..<place] }
      for id in ids.reversed() {
        guard let entry = ledger[id], visit(id, entry) else { break }
      }
    }
    return ListPagesReply(deliveries: list.found, open: UInt64(open), next: list.isComplete ? "" : list.last)
  }
}

/// A reply as it fills up.
private struct PageList {
  let limit: Int
  var found: [Delivery] = []
  var visits = 0
  var isComplete = true
  /// The last page that is in it, or that was looked at and is not wanted.
  var last: String
  private var bytes = 0

  init(limit: Int, after: String) {
    self.limit = limit
    last = after
  }

  mutating func end() -> Bool {
    isComplete = false
    return false
  }

  mutating func skip(_ id: String) -> Bool {
    last = id
    return true
  }

  /// A page is listed whole, or in the next reply; only one that alone is too much is cut.
  mutating func add(_ entry: LedgerEntry, _ id: String, _ pacing: Pacing) -> Bool {
    let size = entry.deliveries.reduce(0) {
      $0 + 96 + id.utf8.count + entry.incidentID.utf8.count + entry.person.utf8.count + $1.channel.utf8.count
        + $1.words.utf8.count + $1.providerId.utf8.count + entry.remark.utf8.count
    }
    let fits = found.count + entry.deliveries.count <= limit && bytes + size <= Notifications.replyBytesAtMost
    guard fits || found.isEmpty else { return end() }
    bytes += size
    last = id
    found += entry.deliveries.indices.prefix(limit).map { entry.delivery($0, id, pacing) }
    return true
  }
}
