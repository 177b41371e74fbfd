import Messages

/// Generating what comes after the published weeks, and turning it into promises (requirements S2 to S4).
extension Board {
  /// Makes the plans of all tiers anew: what the configuration, the promises, absences and training make of them. A pure
  /// function of those: asking as of an earlier time makes the plans that were made then.
  mutating func replan(_ training: TrainingBook) {
    for index in lanes.indices {
      let begin = lanes[index].publishedUntil
      lanes[index].keep(
        lanes[index].rotations.map { turns in
          turns.rotation.follows.isEmpty
            ? plan(turns, from: begin, lane: lanes[index], training) : Plan(turns: turns, from: begin)
        })
    }
    for index in lanes.indices where lanes[index].rotations.contains(where: { !$0.rotation.follows.isEmpty }) {
      let begin = lanes[index].publishedUntil
      let plans = lanes[index].plans.map { plan in
        plan.turns.rotation.follows.isEmpty ? plan : followingPlan(plan.turns, from: begin, training)
      }
      lanes[index].keep(plans)
    }
  }

  /// Makes the plans anew after something became known of a person, if they depend on them: a member, or a team lead who
  /// may stand behind a first solo week.
  mutating func replan(for person: String, knownAt: Instant, _ training: TrainingBook) {
    guard involves(person, after: knownAt) || teamLeads.contains(person) else { return }
    replan(training)
  }

  private func plan(_ turns: Turns, from begin: Instant, lane: Lane, _ training: TrainingBook) -> Plan {
    let roster = lane.rosters[turns.id]
    let planner = Planner(
      turns: turns, from: begin, queue: queue(of: turns, in: lane, before: begin),
      incumbent: roster?.shift(at: begin - .milliseconds(1), madeSince: .unset)?.person,
      availability: Availability(absences: absences, training: training, windows: turns.windows))
    return planner.plan(firstTimers: lane.tier == 1 ? firstTimers(of: turns, training) : [])
  }

  private func followingPlan(_ turns: Turns, from begin: Instant, _ training: TrainingBook) -> Plan {
    for leading in lanes {
      guard let layer = leading.rotations.firstIndex(where: { $0.id == turns.rotation.follows }) else { continue }
      let plan = leading.plans[layer]
      let leader = FollowingPlanner.Leader(
        plan: plan,
        holder: { instant in
          guard instant < plan.from else { return leading.piece(ofRotation: layer, at: instant) }
          let shift = leading.rotationShift(at: instant)
          return Plan.Piece(person: shift.person, from: shift.fromAt, until: shift.untilAt)
        },
        firstTimers: leading.tier == 1 ? firstTimers(of: turns, training) : [])
      return FollowingPlanner(
        turns: turns, from: begin, queue: queue(of: leading.rotations[layer], in: leading, before: begin),
        leader: leader, availability: Availability(absences: absences, training: training, windows: turns.windows),
        teamLeads: { leads(from: $0, until: $1, training) }
      ).plan()
    }
    var plan = Plan(turns: turns, from: begin)
    plan.goOn(from: 0, order: [], emptiness: "there is no rotation \(turns.rotation.follows) to follow")
    return plan
  }

  private func queue(of turns: Turns, in lane: Lane, before begin: Instant) -> [String] {
    let number = turns.slot(at: max(begin, turns.start))?.number ?? 0
    let members = turns.rotation.members
    return (lane.rosters[turns.id] ?? Roster())
      .queue(of: members, first: (Int(turns.rotation.offset) + number) % max(1, members.count), before: begin)
  }

  private func firstTimers(of turns: Turns, _ training: TrainingBook) -> Set<String> {
    Set(turns.rotation.members.filter { training.eligibility(of: $0).isFirstTimer })
  }

  /// Leads who are there for a span: those who don't hold tier 3 at its beginning first.
  private func leads(from: Instant, until: Instant, _ training: TrainingBook) -> [String] {
    let availability = Availability(absences: absences, training: training, windows: nil)
    let there = teamLeads.filter { availability.canHold($0, from: from, until: until) }
    let tertiary = lanes[2].rotationShift(at: from).person
    return there.filter { $0 != tertiary } + there.filter { $0 == tertiary }
  }

  // MARK: Promising

  /// What is to be published so that everything up to an instant is promised; nil when it is already.
  func promises(until end: Instant, at now: Instant) -> SchedulePublished? {
    var published = SchedulePublished(team: team?.id ?? "")
    for lane in lanes {
      let begin = lane.publishedUntil
      let ends = lane.rotations.compactMap { $0.slot(at: end - .milliseconds(1))?.until }
      guard let until = ends.max(), until > begin else { continue }
      published.tiers.append(PublishedTier(tier: lane.tier, untilAt: until, knownAt: now))
      for plan in lane.plans {
        var at = max(begin, plan.turns.start)
        while at < until {
          let piece = plan.piece(at: at)
          published.shifts.append(
            PublishedShift(
              rotation: plan.turns.id, tier: lane.tier, person: piece.person, fromAt: max(piece.from, at),
              untilAt: min(piece.until, until), knownAt: now, remark: piece.remark))
          at = piece.until
        }
      }
    }
    return published.tiers.isEmpty ? nil : published
  }

  mutating func apply(_ published: SchedulePublished, _ training: TrainingBook) {
    for shift in published.shifts where 1...3 ~= shift.tier { lanes[Int(shift.tier) - 1].add(shift) }
    for tier in published.tiers where 1...3 ~= tier.tier { lanes[Int(tier.tier) - 1].add(tier) }
    replan(training)
  }

  /// Everything that was ever promised, as one fact.
  var promised: SchedulePublished? {
    let shifts = lanes.flatMap { lane in lane.rosters.sorted { $0.key < $1.key }.flatMap(\.value.shifts) }
    let tiers = lanes.flatMap(\.publications)
    return tiers.isEmpty ? nil : SchedulePublished(team: "", shifts: shifts, tiers: tiers)
  }
}
