import Messages

/// What the watch compares with the notifier's ledger: accepted alerts for which somebody must have been paged by now.
extension Alerts {
  static let acceptedAtOnce = 1_000
  static let askedAtOnce = 500
  static let summaryBytes = 200

  /// Costs as much as has come since the list before; the number of open alerts doesn't matter.
  public func accepted(_ request: AcceptedRequest, now: Instant) throws(Refusal) -> AcceptedList {
    guard request.also.count <= Self.askedAtOnce else { throw .invalid("also", "at most \(Self.askedAtOnce)") }
    guard request.minAge >= .zero else { throw .invalid("min_age_ms", "must not be negative") }
    var list = AcceptedList(through: request.after, releasedThroughAt: request.releasedAfterAt)
    list.over = request.also.filter { id in
      !(one(id).map { mustPage($0.alert) && request.severities.contains($0.alert.severity) } ?? false)
    }
    list.parts = request.also.compactMap { id in
      one(id).flatMap { $0.partOf.isEmpty ? nil : AcceptedPart(id: id, partOf: $0.partOf) }
    }
    guard !request.fromNow else {
      list.through = numbered
      list.releasedThroughAt = now - request.minAge
      return list
    }
    let latest = now - request.minAge
    addNew(to: &list, latest: latest, request.severities, now: now)
    if !list.more { addLate(to: &list, latest: latest, request.severities, now: now) }
    return list
  }

  private func addNew(to list: inout AcceptedList, latest: Instant, _ severities: [Severity], now: Instant) {
    var visits = 0
    held.forEach(after: list.through) { number, one in
      // A clock that has gone back makes what was handed over before look as if it were to come.
      let isOld = one.alert.openedAt <= latest || one.alert.openedAt > now
      guard isOld || !one.alert.releasedFrom.isEmpty else { return false }
      guard list.alerts.count < Self.acceptedAtOnce, visits < Self.visitsAtMost else {
        list.more = true
        return false
      }
      visits += 1
      list.through = number
      if mustPage(one.alert), isOld, severities.contains(one.alert.severity) {
        list.alerts.append(AcceptedAlert(one, now: now))
      }
      return true
    }
  }

  private func addLate(to list: inout AcceptedList, latest: Instant, _ severities: [Severity], now: Instant) {
    let after = list.releasedThroughAt > now ? .unset : list.releasedThroughAt
    list.releasedThroughAt = after
    for comer in lateComers.all where comer.at > after && comer.at <= latest {
      // Those that a silence let go at one instant are listed together: the next list begins behind that instant.
      guard list.alerts.count < Self.acceptedAtOnce || comer.at == list.releasedThroughAt else {
        list.more = true
        return
      }
      list.releasedThroughAt = comer.at
      guard let one = held[comer.number], mustPage(one.alert), severities.contains(one.alert.severity) else {
        continue
      }
      list.alerts.append(AcceptedAlert(one, now: now))
    }
  }

  private func mustPage(_ alert: Alert) -> Bool { alert.state == .open && alert.silencedBy.isEmpty }
}

extension AcceptedAlert {
  fileprivate init(_ one: Alerts.Held, now: Instant) {
    let alert = one.alert
    self.init(
      id: alert.id, severity: alert.severity, team: alert.team, service: alert.service, alertClass: alert.alertClass,
      summary: alert.summary.cut(to: Alerts.summaryBytes), age: max(.zero, now - alert.openedAt),
      partOf: one.partOf)
  }
}
