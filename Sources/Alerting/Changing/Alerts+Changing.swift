import Machinery
import Messages

/// Change events (requirement I8): kept, shown beside incidents, owed to the scheduler for the handoff document.
extension Alerts {
  static func change(_ noted: ChangeNoted, at instant: Instant) -> Change {
    let event = noted.event ?? Event()
    let said = event.occurredAt.isSet ? event.occurredAt : instant
    return Change(
      id: noted.id, source: event.source, summary: event.summary, service: event.service, team: noted.team,
      labels: event.labels, links: event.links, details: event.details, happenedAt: min(said, instant),
      notedAt: instant)
  }

  func noteChange(_ event: Event) -> ChangeNoted {
    ChangeNoted(
      event: event, id: Shard(team: event.service, dedupKey: event.summary).id(number: numbered + 1, intake: intake),
      team: routing.destination(service: event.service, labels: event.labels).team)
  }

  func settleChange(_ settlement: Settlement) -> [AlertFact] {
    let toEscalator = settlement.peer == .escalator
    guard let kept = changes[settlement.key.id], !(toEscalator ? kept.isReviewed : kept.isTold) else { return [] }
    return [
      AlertFact(
        kind: .changeHandedOver(
          ChangeHandedOver(
            id: settlement.key.id, status: settlement.status.rawValue, message: settlement.words,
            toEscalator: toEscalator)))
    ]
  }

  mutating func oweEvidence(_ change: Change) {
    debts.owe(DebtKey(id: change.id, generation: 1), urgency: Self.changeUrgency, since: change.notedAt)
  }

  private static let changeUrgency = 5

  /// The latest that match, oldest first. When there may be older ones, `before` says from where.
  public func list(_ request: ChangesRequest) throws(Refusal) -> ChangeList {
    guard request.limit <= 1_000 else { throw .invalid("limit", "at most 1000") }
    let limit = request.limit == 0 ? 100 : Int(request.limit)
    var found: [Change] = []
    var bytes = 0
    var visits = 0
    var before = ""
    var last = ""
    changes.newestFirst(before: request.before) { change in
      let isWanted = Self.matches(change, request)
      let size = isWanted ? Self.roughSize(change) : 0
      let isFull = found.count == limit || visits == Self.visitsAtMost || bytes + size > Self.answerBytes
      guard !isFull || visits == 0 else {
        before = last
        return false
      }
      if isWanted { found.append(change) }
      visits += 1
      bytes += size
      last = change.id
      return true
    }
    return ChangeList(changes: found.reversed(), before: before)
  }

  private static func matches(_ change: Change, _ request: ChangesRequest) -> Bool {
    (request.service.isEmpty || change.service == request.service)
      && (request.team.isEmpty || change.team == request.team)
      && (!request.fromAt.isSet || change.happenedAt >= request.fromAt)
      && (!request.untilAt.isSet || change.happenedAt < request.untilAt)
  }

  /// About how many bytes it has on the wire, never less.
  private static func roughSize(_ change: Change) -> Int {
    let texts = [
      change.id, change.source, change.summary, change.service, change.team, change.details, change.refusal,
    ]
    return texts.reduce(128) { $0 + $1.utf8.count } + roughSize(change.labels, change.links)
  }
}
