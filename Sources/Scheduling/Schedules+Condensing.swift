import Machinery
import Messages

/// The facts that lead to the same knowledge again.
extension Schedules {
  /// So many promised shifts are one fact.
  private static let shiftsAFact = 2_000

  public func condensed() -> [ScheduleFact] {
    var kinds: [ScheduleFact.Kind] = training.all.map {
      .trainingRecorded(TrainingRecorded(record: $0.record, knownAt: $0.knownAt))
    }
    for known in absences.all {
      kinds.append(.absenceRecorded(AbsenceRecorded(absence: known.absence, knownAt: known.knownAt)))
      guard known.endAt.isSet else { continue }
      kinds.append(
        .absenceEnded(
          AbsenceEnded(id: known.id, endAt: known.endAt, by: known.endedBy, knownAt: known.endKnownAt)))
    }
    kinds += configurations.map { .configured($0) }
    let teams = boards.sorted { $0.key < $1.key }
    for (id, board) in teams { kinds += promises(board, of: id) }
    for arrangement in teams.flatMap({ $0.value.lanes.flatMap(\.arrangements) }) {
      kinds.append(.overrideAdded(arrangement.added))
      guard arrangement.removedAt.isSet else { continue }
      kinds.append(.overrideRemoved(OverrideRemoved(id: arrangement.id, knownAt: arrangement.removedAt)))
    }
    kinds += swaps.sorted { $0.key < $1.key }.map { .swapMoved(SwapMoved(swap: $0.value)) }
    kinds += teams.flatMap(\.value.shadows).map { .shadowAssigned(ShadowAssigned(shadow: $0)) }
    kinds += pay.condensed
    kinds += handoffs.condensed
    kinds += readying.condensed { owedToNotifier.contains($0) }
    kinds += timelines(teams.map(\.key))
    kinds += owedAndKept()
    kinds += readying.numbering
    return kinds.map { ScheduleFact(kind: $0) } + [ScheduleFact(kind: .numbering(numbering))]
  }

  private func promises(_ board: Board, of team: String) -> [ScheduleFact.Kind] {
    guard var promised = board.promised else { return [] }
    promised.team = team
    var kinds: [ScheduleFact.Kind] = []
    while promised.shifts.count > Self.shiftsAFact {
      kinds.append(
        .schedulePublished(SchedulePublished(team: team, shifts: Array(promised.shifts.prefix(Self.shiftsAFact)))))
      promised.shifts.removeFirst(Self.shiftsAFact)
    }
    return kinds + [.schedulePublished(promised)]
  }

  private func timelines(_ teams: [String]) -> [ScheduleFact.Kind] {
    let owed = owedTimelines.first(.max)
    let isOwed = Set(owed)
    var kinds: [ScheduleFact.Kind] = []
    for team in owed + teams.filter({ !isOwed.contains($0) }) {
      guard let board = boards[team] else { continue }
      if let publication = board.publication {
        kinds.append(.published(publication.published))
        kinds.append(.handedOver(TimelineHandedOver(team: team, generation: publication.handedOver)))
      }
      if !board.toldGaps.isEmpty { kinds.append(.gapsKnown(GapsKnown(team: team, gaps: board.toldGaps))) }
    }
    return kinds
  }

  /// Words and pages in the order in which they are owed, then the pages that were taken and are still wanted.
  private func owedAndKept() -> [ScheduleFact.Kind] {
    let owed = owedToNotifier.first(.max)
    var kinds: [ScheduleFact.Kind] = []
    for id in owed {
      if let made = announcements[id] { kinds.append(.announced(made)) }
      if let test = readying.test(id) { kinds.append(.readinessTested(test.made)) }
      guard let page = leadPages[id] else { continue }
      kinds.append(.leadPaged(page.made))
      if !page.isWanted { kinds.append(.leadPageAnswered(LeadPageAnswered(id: id))) }
    }
    for (id, page) in leadPages.sorted(by: { $0.key < $1.key }) where !owed.contains(id) {
      kinds.append(.leadPaged(page.made))
      kinds.append(.leadPageHandedOver(LeadPageHandedOver(id: id, generation: page.generation)))
    }
    return kinds
  }
}
