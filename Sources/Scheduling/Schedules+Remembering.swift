import CivilTime
import Machinery
import Messages

/// How facts change what the scheduler knows, and the facts that lead to the same knowledge again.
extension Schedules {
  public mutating func apply(_ fact: ScheduleFact, at instant: Instant) {
    switch fact.kind {
    case .configured(let configured): apply(configured)
    case .overrideAdded(let added): apply(added)
    case .overrideRemoved(let removed):
      guard let place = placeOfOverride[removed.id] else { return }
      boards[place.team]?.lanes[Int(place.tier) - 1].removeOverride(removed.id, at: removed.knownAt)
    case .published(let published): apply(published)
    case .handedOver(let handedOver):
      guard var publication = boards[handedOver.team]?.publication else { return }
      publication.handedOver = max(publication.handedOver, handedOver.generation)
      boards[handedOver.team]?.publication = publication
      if publication.handedOver >= publication.published.generation { owedTimelines.settle(handedOver.team) }
    case .announced(let made):
      announcements[made.id] = made
      owedAnnouncements.owe(DebtKey(id: made.id, generation: 1), urgency: 0, since: instant)
      numbering.announcements += 1
    case .announcementHandedOver(let handedOver):
      announcements[handedOver.id] = nil
      owedAnnouncements.settle(handedOver.id)
    case .gapsKnown(let known): boards[known.team, default: Board()].toldGaps = known.gaps
    case .numbering(let known):
      numbering.overrides = max(numbering.overrides, known.overrides)
      numbering.announcements = max(numbering.announcements, known.announcements)
      numbering.generations = max(numbering.generations, known.generations)
    case nil: break
    }
  }

  private mutating func apply(_ configured: ScheduleConfigured) {
    guard let configuration = configured.configuration else { return }
    configurations.append(configured)
    people = Dictionary(configuration.people.map { ($0.id, $0) }) { $1 }
    everyone.merge(people) { $1 }
    let teams = Dictionary(configuration.teams.map { ($0.id, $0) }) { $1 }
    let rotations = Dictionary(configuration.rotations.map { (Place(team: $0.team, tier: $0.tier), $0) }) { $1 }
    for id in Set(boards.keys).union(teams.keys) {
      var board = boards.removeValue(forKey: id) ?? Board()
      board.team = teams[id]
      for index in board.lanes.indices {
        let rotation = rotations[Place(team: id, tier: board.lanes[index].tier)]
        board.lanes[index].configure(
          rotation.flatMap(turns), people: people, knownAt: configured.knownAt)
      }
      let executives = teams[id]?.executives ?? []
      if board.executives.last?.people != executives {
        board.executives.append(.init(people: executives, knownAt: configured.knownAt))
      }
      if board.team == nil {
        renewals.set(id, to: nil)
        owedTimelines.settle(id)
      }
      boards[id] = board
    }
  }

  /// A zone that a newer tz database no longer has is kept as UTC: shifts at other hours are better than none.
  private func turns(of rotation: Rotation) -> Turns? {
    guard !rotation.members.isEmpty, let startDate = CivilDate(rotation.startDate) else { return nil }
    return Turns(rotation, zone: zones[rotation.timeZone] ?? .utc, startDate: startDate)
  }

  private mutating func apply(_ added: OverrideAdded) {
    guard let request = added.request, 1...3 ~= request.tier else { return }
    placeOfOverride[added.id] = Place(team: request.team, tier: request.tier)
    boards[request.team, default: Board()].lanes[Int(request.tier) - 1]
      .add(Lane.Override(id: added.id, request: request, knownAt: added.knownAt))
    numbering.overrides += 1
  }

  private mutating func apply(_ published: TimelinePublished) {
    var board = boards.removeValue(forKey: published.team) ?? Board()
    board.publication = Board.Publication(published: published, handedOver: board.publication?.handedOver ?? 0)
    if board.team != nil {
      owedTimelines.owe(
        DebtKey(id: published.team, generation: published.generation), urgency: 0, since: published.publishedAt)
      renewals.set(published.team, to: board.renewal(after: published.publishedAt))
    }
    boards[published.team] = board
  }

  public func condensed() -> [ScheduleFact] {
    var kinds: [ScheduleFact.Kind] = configurations.map { .configured($0) }
    let teams = boards.sorted { $0.key < $1.key }
    let overrides = teams.flatMap { $0.value.lanes.flatMap(\.overrides) }
    for override in overrides {
      kinds.append(
        .overrideAdded(OverrideAdded(id: override.id, request: override.request, knownAt: override.knownAt)))
      guard override.removedAt.isSet else { continue }
      kinds.append(.overrideRemoved(OverrideRemoved(id: override.id, knownAt: override.removedAt)))
    }
    let owed = owedTimelines.first(.max)
    let isOwed = Set(owed)
    for team in owed + teams.map(\.key).filter({ !isOwed.contains($0) }) {
      guard let board = boards[team] else { continue }
      if let publication = board.publication {
        kinds.append(.published(publication.published))
        kinds.append(.handedOver(TimelineHandedOver(team: team, generation: publication.handedOver)))
      }
      if !board.toldGaps.isEmpty { kinds.append(.gapsKnown(GapsKnown(team: team, gaps: board.toldGaps))) }
    }
    kinds += owedAnnouncements.first(.max).compactMap { announcements[$0].map { .announced($0) } }
    return kinds.map { ScheduleFact(kind: $0) } + [ScheduleFact(kind: .numbering(numbering))]
  }
}
