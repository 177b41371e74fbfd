import Messages

/// Generates a plan (requirements S2 to S4): each turn goes to whoever of the eligible and present members held one longest
/// ago.
///
/// That one rule is all of fairness: whoever has just held is last in the queue, so nobody runs twice while two can; two
/// members who are both there alternate strictly, so over any window their turns differ by one at most; somebody who comes
/// back is soon due. After the last known absence the queue only turns round, and the rest is arithmetic.
struct Planner {
  let turns: Turns
  let from: Instant
  let availability: Availability
  /// All members, whoever held longest ago first.
  private var queue: [String]
  /// Whoever holds the turn in which the plan begins, when that was promised already.
  private let incumbent: String?
  private var plan: Plan

  /// - Parameters:
  ///   - queue: the members, whoever held longest ago first.
  ///   - incumbent: who holds the turn under way at `from`.
  init(turns: Turns, from: Instant, queue: [String], incumbent: String?, availability: Availability) {
    self.turns = turns
    self.from = from
    self.queue = queue
    self.incumbent = incumbent
    self.availability = availability
    plan = Plan(turns: turns, from: from)
  }

  /// - Parameter firstTimers: members whose solo week is still to come: the plan says which turn it is.
  func plan(firstTimers: Set<String>) -> Plan {
    var planner = self
    planner.run(firstTimers)
    return planner.plan
  }

  private mutating func run(_ firstTimers: Set<String>) {
    if from < turns.start { plan.add(Plan.Piece(person: "", from: from, until: turns.start)) }
    var awaited = firstTimers.intersection(queue.filter(availability.isEligible))
    let begin = max(from, turns.start)
    let quiet = availability.lastChange(among: queue)
    var number = turns.slot(at: begin)?.number ?? 0
    var slot = turns.slot(number)
    // A turn that the plan's beginning cuts goes on with its holder, and isn't a turn of its own.
    var previous = slot.from < begin ? incumbent ?? "" : ""
    if slot.from < begin, let incumbent, queue.contains(incumbent),
      availability.canHold(incumbent, from: begin, until: slot.until)
    {
      plan.add(Plan.Piece(person: incumbent, from: begin, until: slot.until))
      number += 1
      slot = turns.slot(number)
    } else {
      previous = incumbent ?? ""
    }
    var turnsForFirstTimers = queue.count
    while slot.from < quiet || (!awaited.isEmpty && turnsForFirstTimers > 0) {
      if slot.from >= quiet { turnsForFirstTimers -= 1 }
      if !slot.isEmpty {
        let holders = assign(slot, from: max(slot.from, begin), previous: previous)
        previous = holders.last ?? previous
        awaited.subtract(holders)
      }
      number += 1
      slot = turns.slot(number)
    }
    let order = queue.filter { availability.canHold($0, from: max(slot.from, quiet), until: .distantFuture) }
    if order.count == 1, turns.rotation.tier < 3 {
      plan.note(
        "S4", max(slot.from, from), .distantFuture, "\(order[0]) has every turn: \(obstacles(but: order[0], slot))")
    }
    plan.goOn(from: number, order: order, emptiness: order.isEmpty ? "nobody can: \(obstacles(but: "", slot))" : "")
    if order.isEmpty { plan.note("S5", max(slot.from, from), .distantFuture, plan.emptiness) }
  }

  /// One turn: to one person if anybody is there for all of it, else piece by piece.
  private mutating func assign(_ slot: Turns.Slot, from begin: Instant, previous: String) -> [String] {
    if let person = queue.first(where: { availability.canHold($0, from: begin, until: slot.until) }) {
      var remark = ""
      if person == previous, queue.count > 1 {
        remark = "\(person) again: \(obstacles(but: person, slot))"
        if turns.rotation.tier < 3 { plan.note("S4", begin, slot.until, "\(person) has two turns running: \(remark)") }
      }
      plan.add(Plan.Piece(person: person, from: begin, until: slot.until, remark: remark))
      queue.moveToTheBack(person)
      return [person]
    }
    var holders: [String] = []
    var at = begin
    while at < slot.until {
      let there = queue.filter { availability.isEligible($0) && !availability.isAway($0, at: at) }
      let longest = there.max {
        availability.stay($0, from: at, until: slot.until) < availability.stay($1, from: at, until: slot.until)
      }
      guard let person = longest else {
        let back = queue.filter(availability.isEligible).map { availability.staysUntil($0, from: at) }.min()
        let until = min(slot.until, back ?? slot.until)
        let words = "nobody can: \(obstacles(but: "", Turns.Slot(number: slot.number, from: at, until: until)))"
        plan.add(Plan.Piece(person: "", from: at, until: until, remark: words))
        plan.note("S5", at, until, words)
        at = until
        continue
      }
      let until = availability.stay(person, from: at, until: slot.until)
      plan.add(Plan.Piece(person: person, from: at, until: until, remark: "nobody is there for all of the turn"))
      holders.append(person)
      at = until
    }
    for person in holders.distinct { queue.moveToTheBack(person) }
    return holders
  }

  private func obstacles(but person: String, _ slot: Turns.Slot) -> String {
    availability.obstacles(of: queue.filter { $0 != person }, from: max(slot.from, from), until: slot.until)
  }
}
