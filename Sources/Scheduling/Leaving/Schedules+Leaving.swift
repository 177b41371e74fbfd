import Messages

/// Somebody leaves (requirement S12): everything to come that names them, before anything is changed. The configuration that
/// leaves them out is refused as long as they hold something (`refuseToForgetHolders`), by the same functions.
extension Schedules {
  public func showLeaving(_ request: LeavingRequest, now: Instant) throws(Refusal) -> LeavingReply {
    let person = request.person
    guard people[person] != nil else { throw .notFound("nobody is called \(person)", field: "person") }
    var reply = LeavingReply(person: person)
    for (id, board) in boards.sorted(by: { $0.key < $1.key }) {
      guard let team = board.team else { continue }
      reply.held += board.promised(of: person, from: now).map { UncoveredShift(team: id, shift: $0) }
      reply.shadows += board.shadows.filter { $0.person == person && $0.untilAt > now }
      reply.rotations += board.lanes.flatMap(\.rotations).filter { $0.rotation.members.contains(person) }.map(\.id)
      reply.roles += roles(of: person, in: team)
    }
    reply.held.sort { ($0.shift?.fromAt ?? .unset, $0.team) < ($1.shift?.fromAt ?? .unset, $1.team) }
    reply.swaps = listSwaps(ListSwapsRequest()).swaps.filter { names(person, in: $0, after: now) }
    reply.mayLeave = reply.held.isEmpty
    return reply
  }

  private func roles(of person: String, in team: Team) -> [String] {
    var roles: [String] = []
    if team.lead == person { roles.append("lead of team \(team.id)") }
    if team.managers.contains(person) { roles.append("manager of team \(team.id)") }
    if let place = team.executives.firstIndex(of: person) { roles.append("executive \(place + 1) of team \(team.id)") }
    return roles
  }

  /// A swap that waits for an answer, or stands and isn't over.
  private func names(_ person: String, in swap: Swap, after now: Instant) -> Bool {
    guard let request = swap.request, swap.state == .open || swap.state == .agreed else { return false }
    let end = max(request.untilAt, request.returnUntilAt)
    return end > now && (request.giver == person || swap.taker == person || request.takers.contains(person))
  }
}
