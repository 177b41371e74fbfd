import Messages

/// What operators may ask.
extension Alerts {
  /// How many alerts one call looks at: a filter that matches nothing must not hold up the tier.
  static let visitsAtMost = 10_000
  /// About how many bytes one answer has at most; a message may have 1 MiB.
  static let answerBytes = 900 * 1_024

  /// Alerts in the order in which they were opened, a page at a time. When there may be more, `after` says from where.
  public func list(_ request: ListAlertsRequest) throws(Refusal) -> ListAlertsReply {
    guard request.limit <= 1_000 else { throw .invalid("limit", "at most 1000") }
    let limit = request.limit == 0 ? 100 : Int(request.limit)
    var reply = ListAlertsReply(open: UInt64(openAlerts))
    var visits = 0
    var bytes = 0
    var last = ""
    forEach(request) { alert in
      let isWanted = matches(alert, request)
      let size = isWanted ? Self.roughSize(alert) : 0
      let isFull = reply.alerts.count == limit || visits == Self.visitsAtMost || bytes + size > Self.answerBytes
      guard !isFull || visits == 0 else {
        reply.after = last
        return false
      }
      if isWanted { reply.alerts.append(alert) }
      visits += 1
      bytes += size
      last = alert.id
      return true
    }
    return reply
  }

  private func forEach(_ request: ListAlertsRequest, _ take: (Alert) -> Bool) {
    let behind = Self.number(ofId: request.after)
    guard request.dedupKey.isEmpty else {
      for number in openKeys.candidates(request.dedupKey).sorted() where number > behind {
        guard let alert = held[number]?.alert, alert.dedupKey == request.dedupKey else { continue }
        if !take(alert) { return }
      }
      return
    }
    held.forEach(after: behind) { _, one in take(one.alert) }
  }

  private func matches(_ alert: Alert, _ request: ListAlertsRequest) -> Bool {
    !alert.elsewhere && (request.includeResolved || alert.state != .resolved)
      && (request.source.isEmpty || alert.source == request.source)
  }

  /// About how many bytes an alert has on the wire, never less.
  static func roughSize(_ alert: Alert) -> Int {
    let texts = [
      alert.id, alert.source, alert.dedupKey, alert.summary, alert.alertClass, alert.service, alert.team, alert.policy,
      alert.details, alert.runbook, alert.routedBy, alert.refusal, alert.silencedBy, alert.releasedFrom,
    ]
    let steps = alert.steps.reduce(0) { $0 + $1.utf8.count + 8 }
    return texts.reduce(256) { $0 + $1.utf8.count } + roughSize(alert.labels, alert.links) + steps
  }

  static func roughSize(_ labels: [Label], _ links: [Link]) -> Int {
    labels.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count + 16 }
      + links.reduce(0) { $0 + $1.href.utf8.count + $1.text.utf8.count + 16 }
  }
}
