import Messages

/// Generates the plan of a rotation that follows another (requirement S2): this week's secondary is next week's primary.
///
/// If the next one can't, it falls to the next in the queue who isn't primary this week; in the first solo week of the
/// primary to a team lead (P4).
struct FollowingPlanner {
  let turns: Turns
  let from: Instant
  let leader: Leader
  let availability: Availability
  /// Team leads who may stand behind a first solo week, the best first, for a span.
  let teamLeads: (_ from: Instant, _ until: Instant) -> [String]
  private var queue: [String]
  private var made: Plan

  /// The rotation that is followed, as promised and as planned.
  struct Leader {
    var plan: Plan
    /// Its holder at any instant from the follower's beginning on.
    var holder: (Instant) -> Plan.Piece
    /// Members whose solo week is still to come.
    var firstTimers: Set<String>
  }

  init(
    turns: Turns, from: Instant, queue: [String], leader: Leader, availability: Availability,
    teamLeads: @escaping (_ from: Instant, _ until: Instant) -> [String]
  ) {
    self.turns = turns
    self.from = from
    self.queue = queue
    self.leader = leader
    self.availability = availability
    self.teamLeads = teamLeads
    made = Plan(turns: turns, from: from)
  }

  func plan() -> Plan {
    var planner = self
    planner.run()
    return planner.made
  }

  private mutating func run() {
    if from < turns.start { made.add(Plan.Piece(person: "", from: from, until: turns.start)) }
    let begin = max(from, turns.start)
    let quiet = max(availability.lastChange(among: queue), leader.plan.orderFrom)
    var number = turns.slot(at: begin)?.number ?? 0
    var slot = turns.slot(number)
    while slot.from < quiet {
      if !slot.isEmpty { assign(slot, from: max(slot.from, begin)) }
      number += 1
      slot = turns.slot(number)
    }
    let members = leader.plan.order.count
    if members >= 2 {
      let order = (number + 1...number + members).map { leader.plan.person(ofTurn: $0) }
      made.goOn(from: number, order: order, emptiness: "")
    } else {
      let words = "nobody can: rotation \(turns.rotation.follows) has nobody beside its holder"
      made.goOn(from: number, order: [], emptiness: words)
      made.note("S5", max(slot.from, from), .distantFuture, words)
    }
  }

  private mutating func assign(_ slot: Turns.Slot, from begin: Instant) {
    let leading = leaders(from: begin, until: slot.until)
    for person in leading { queue.moveToTheBack(person) }
    if let learner = leading.first(where: leader.firstTimers.contains) {
      if let lead = teamLeads(begin, slot.until).first(where: { !leading.contains($0) }) {
        return made.add(
          Plan.Piece(person: lead, from: begin, until: slot.until, remark: "behind \(learner)'s first solo week"))
      }
      made.note("P4", begin, slot.until, "no team lead can stand behind \(learner)'s first solo week")
    }
    let next = leader.holder(turns.slot(slot.number + 1).from).person
    if !next.isEmpty, !leading.contains(next), availability.canHold(next, from: begin, until: slot.until) {
      return made.add(Plan.Piece(person: next, from: begin, until: slot.until))
    }
    let others = queue.filter { !leading.contains($0) }
    if let person = others.first(where: { availability.canHold($0, from: begin, until: slot.until) }) {
      let obstacle =
        leading.contains(next)
        ? "\(next) has this turn too" : availability.obstacle(next, from: begin, until: slot.until) ?? "nobody is next"
      made.note("S2", begin, slot.until, "\(person), not the next one: \(obstacle)")
      return made.add(
        Plan.Piece(person: person, from: begin, until: slot.until, remark: "not the next one: \(obstacle)"))
    }
    var at = begin
    while at < slot.until {
      let there = others.filter { availability.isEligible($0) && !availability.isAway($0, at: at) }
      let person = there.max {
        availability.stay($0, from: at, until: slot.until) < availability.stay($1, from: at, until: slot.until)
      }
      let back = others.filter(availability.isEligible).map { availability.staysUntil($0, from: at) }.min()
      let until =
        person.map { availability.stay($0, from: at, until: slot.until) } ?? min(slot.until, back ?? slot.until)
      let words =
        person == nil
        ? "nobody can: \(availability.obstacles(of: others, from: at, until: until))"
        : "nobody is there for all of the turn"
      if person == nil { made.note("S5", at, until, words) }
      made.add(Plan.Piece(person: person ?? "", from: at, until: until, remark: words))
      at = until
    }
  }

  /// Everybody who holds the leading rotation at some time of a span.
  private func leaders(from: Instant, until: Instant) -> [String] {
    var found: [String] = []
    var at = from
    while at < until {
      let piece = leader.holder(at)
      if !piece.person.isEmpty, !found.contains(piece.person) { found.append(piece.person) }
      at = max(piece.until, at + .milliseconds(1))
    }
    return found
  }
}
