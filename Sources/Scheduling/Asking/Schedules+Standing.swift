import Messages

/// Single things by their ids, as they stand now: for the audit, which looks before a change and after it.
extension Schedules {
  public func swap(_ id: String) -> Swap? { swaps[id] }

  /// Nil once it was taken back.
  public func override(_ id: String) -> OverrideRequest? {
    guard let place = placeOfOverride[id], let board = boards[place.team],
      let arrangement = board.lanes[Int(place.tier) - 1].arrangements.first(where: { $0.id == id }),
      !arrangement.removedAt.isSet
    else { return nil }
    return arrangement.request
  }

  public func shadow(_ id: String) -> Shadow? {
    teamOfShadow[id].flatMap { boards[$0]?.shadows.first { $0.id == id } }
  }

  /// With the end that holds by now.
  public func absence(_ id: String) -> Absence? {
    absences.known(id).map { known in
      var absence = known.absence
      absence.untilAt = known.until
      return absence
    }
  }

  public func eligibility(of person: String, at now: Instant) -> PersonEligibility? {
    people[person] == nil ? nil : eligibility(person, at: now)
  }

  public func workItem(_ key: WorkKey) -> WorkItem? { item(key) }

  public func compDay(_ id: String) -> CompDay? { pay.compDays[id] }
}
