import CivilTime
import Machinery
import Messages

/// How facts change what the scheduler knows.
extension Schedules {
  public mutating func apply(_ fact: ScheduleFact, at instant: Instant) {
    switch fact.kind {
    case .configured(let configured): apply(configured)
    case .overrideAdded(let added): apply(added)
    case .overrideRemoved(let removed):
      guard let place = placeOfOverride[removed.id] else { return }
      boards[place.team]?.lanes[Int(place.tier) - 1].removeArrangement(removed.id, at: removed.knownAt)
    case .published(let published): apply(published)
    case .handedOver(let handedOver):
      guard var publication = boards[handedOver.team]?.publication else { return }
      publication.handedOver = max(publication.handedOver, handedOver.generation)
      boards[handedOver.team]?.publication = publication
      if publication.handedOver >= publication.published.generation { owedTimelines.settle(handedOver.team) }
    case .announced(let made):
      announcements[made.id] = made
      owedToNotifier.owe(DebtKey(id: made.id, generation: 1), urgency: 1, since: instant)
      numbering.announcements += 1
    case .announcementHandedOver(let handedOver):
      announcements[handedOver.id] = nil
      owedToNotifier.settle(handedOver.id)
    case .gapsKnown(let known):
      let fresh = newBoard()
      boards[known.team, default: fresh].toldGaps = known.gaps
    case .schedulePublished(let published):
      let fresh = newBoard()
      boards[published.team, default: fresh].apply(published, training)
      noteParts(of: published.shifts.map(\.person), in: published.team)
    case .trainingRecorded(let recorded): apply(recorded)
    case .absenceRecorded(let recorded): apply(recorded)
    case .absenceEnded(let ended):
      absences.end(ended.id, at: ended.endAt, by: ended.by, knownAt: ended.knownAt)
      guard let person = absences.known(ended.id)?.absence.person else { return }
      absencesChanged(of: person, knownAt: ended.knownAt)
    case .swapMoved(let moved): apply(moved)
    case .shadowAssigned, .shadowEnded: applyShadow(fact)
    case .leadPaged, .leadPageAnswered, .leadPageHandedOver: applyLeadPage(fact, at: instant)
    case .workReported, .workEdited, .workApproved, .payPeriodClosed, .compDayMoved: applyPay(fact)
    case .handoffIncidentKnown, .changeRecorded, .handoffMatterForgotten, .handoffTicked, .handoffEdited,
      .handoffSigned, .handoffAccepted, .feedbackGiven, .handoffNumbering:
      handoffs.apply(fact)
    case .readinessTicked, .readinessChecked, .readinessForgotten, .readinessTested, .readinessTestSent,
      .readinessConfirmed, .readinessNumbering, .dailyTaskTicked, .dailyTasksReminded:
      applyReadiness(fact, at: instant)
    case .numbering(let known): apply(known)
    case nil: break
    }
  }

  private mutating func apply(_ configured: ScheduleConfigured) {
    guard let configuration = configured.configuration else { return }
    if configurations.last?.configuration?.people != configuration.people {
      people = Dictionary(configuration.people.map { ($0.id, $0) }) { $1 }
      everyone.merge(people) { $1 }
    }
    configurations.append(configured)
    let teams = Dictionary(configuration.teams.map { ($0.id, $0) }) { $1 }
    let rotations = Self.rotationsByPlace(configuration)
    var begins: [Place: Instant] = [:]
    for era in configured.eras { begins[Place(team: era.team, tier: era.tier)] = era.fromAt }
    let leads = Dictionary(grouping: configuration.people.filter { $0.role == .teamLead }, by: \.team)
    for id in Set(boards.keys).union(teams.keys) {
      var board = boards.removeValue(forKey: id) ?? newBoard()
      board.team = teams[id]
      let lead = teams[id]?.lead ?? ""
      let teamLeads = ([lead].filter { people[$0]?.role == .teamLead } + (leads[id] ?? []).map(\.id)).distinct
      var isNews = teamLeads != board.teamLeads
      board.teamLeads = teamLeads
      for index in board.lanes.indices {
        let place = Place(team: id, tier: board.lanes[index].tier)
        let wanted = teams[id] == nil ? [] : rotations[place] ?? []
        let lane = board.lanes[index]
        guard lane.eras.isEmpty || lane.rotations.map(\.rotation) != wanted else { continue }
        let from = begins[place] ?? max(lane.publishedUntil, configured.knownAt)
        board.lanes[index].add(
          Lane.Era(rotations: wanted.compactMap(turns), knownAt: configured.knownAt, from: from))
        isNews = true
      }
      let executives = teams[id]?.executives ?? []
      if board.executives.last?.people != executives {
        board.executives.append(.init(people: executives, knownAt: configured.knownAt))
      }
      if board.team == nil {
        renewals.set(id, to: nil)
        readying.due.set(id, to: nil)
        readying.dailyDue.set(id, to: nil)
        owedTimelines.settle(id)
      }
      if isNews {
        board.replan(training)
        noteParts(of: board.lanes.flatMap(\.rotations).flatMap(\.rotation.members) + teamLeads, in: id)
      }
      boards[id] = board
    }
    retimeCompDays()
  }

  /// A zone that a newer tz database no longer has is kept as UTC: shifts at other hours are better than none.
  private func turns(of rotation: Rotation) -> Turns? {
    guard !rotation.members.isEmpty, let startDate = CivilDate(rotation.startDate) else { return nil }
    return Turns(rotation, zone: zones[rotation.timeZone] ?? .utc, startDate: startDate)
  }

  private mutating func apply(_ added: OverrideAdded) {
    guard let request = added.request, 1...3 ~= request.tier else { return }
    placeOfOverride[added.id] = Place(team: request.team, tier: request.tier)
    let fresh = newBoard()
    boards[request.team, default: fresh].lanes[Int(request.tier) - 1].add(Arrangement(added))
    noteParts(of: [request.person], in: request.team)
    numbering.overrides += 1
  }

  private mutating func apply(_ published: TimelinePublished) {
    var board = boards.removeValue(forKey: published.team) ?? newBoard()
    board.publication = Board.Publication(published: published, handedOver: board.publication?.handedOver ?? 0)
    if board.team != nil {
      owedTimelines.owe(
        DebtKey(id: published.team, generation: published.generation), urgency: 0, since: published.publishedAt)
      renewals.set(published.team, to: board.renewal(after: published.publishedAt))
    }
    boards[published.team] = board
    readying.begin(published.team, at: published.publishedAt)
    timeReadiness(of: published.team)
  }

  private mutating func apply(_ recorded: TrainingRecorded) {
    guard let record = recorded.record else { return }
    let before = training.eligibility(of: record.person)
    training.add(TrainingBook.Known(record: record, knownAt: recorded.knownAt))
    guard training.eligibility(of: record.person) != before else { return }
    replan(for: record.person, knownAt: recorded.knownAt)
  }

  private mutating func apply(_ recorded: AbsenceRecorded) {
    guard let absence = recorded.absence else { return }
    absences.add(Absences.Known(absence: absence, knownAt: recorded.knownAt))
    numbering.absences += 1
    absencesChanged(of: absence.person, knownAt: recorded.knownAt)
  }

  private mutating func absencesChanged(of person: String, knownAt: Instant) {
    for id in boards.keys { boards[id]?.absences = absences }
    replan(for: person, knownAt: knownAt)
  }

  private mutating func replan(for person: String, knownAt: Instant) {
    for id in teamsByPerson[person] ?? [] { boards[id]?.replan(for: person, knownAt: knownAt, training) }
  }

  private mutating func noteParts(of people: [String], in team: String) {
    for person in people where !person.isEmpty { teamsByPerson[person, default: []].insert(team) }
  }

  private mutating func apply(_ known: ScheduleNumbering) {
    numbering.overrides = max(numbering.overrides, known.overrides)
    numbering.announcements = max(numbering.announcements, known.announcements)
    numbering.generations = max(numbering.generations, known.generations)
    numbering.absences = max(numbering.absences, known.absences)
    numbering.swaps = max(numbering.swaps, known.swaps)
    numbering.shadows = max(numbering.shadows, known.shadows)
  }

  private mutating func applyLeadPage(_ fact: ScheduleFact, at instant: Instant) {
    switch fact.kind {
    case .leadPaged(let made):
      leadPages[made.id] = LeadPage(made: made)
      owedToNotifier.owe(DebtKey(id: made.id, generation: 1), urgency: 0, since: instant)
    case .leadPageAnswered(let answered):
      guard leadPages[answered.id]?.isWanted == true else { return }
      leadPages[answered.id]?.isWanted = false
      owedToNotifier.owe(DebtKey(id: answered.id, generation: 2), urgency: 0, since: instant)
    case .leadPageHandedOver(let handedOver):
      guard let page = leadPages[handedOver.id], handedOver.generation >= page.generation else { return }
      owedToNotifier.settle(handedOver.id)
      if !page.isWanted { leadPages[handedOver.id] = nil }
    default: break
    }
  }

  private func newBoard() -> Board {
    var board = Board()
    board.absences = absences
    return board
  }
}
