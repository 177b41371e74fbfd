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
    if from < turns.start { waitForStart() }
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
      note("S4", max(slot.from, from), .distantFuture, "\(order[0]) has every turn: \(obstacles(but: order[0], slot))")
    }
    plan.goOn(from: number, order: order, emptiness: order.isEmpty ? "nobody can: \(obstacles(but: "", slot))" : "")
    if order.isEmpty { note("S5", max(slot.from, from), .distantFuture, plan.emptiness) }
  }

  private mutating func waitForStart() {
    plan.add(
      Plan.Piece(
        person: "", from: from, until: turns.start,
        remark: "rotation \(turns.id) begins \(turns.start.short(in: turns.zone))"))
  }

  /// One turn: to one person if anybody is there for all of it, else piece by piece.
  private mutating func assign(_ slot: Turns.Slot, from begin: Instant, previous: String) -> [String] {
    if let person = queue.first(where: { availability.canHold($0, from: begin, until: slot.until) }) {
      var remark = ""
      if person == previous, queue.count > 1 {
        remark = "\(person) again: \(obstacles(but: person, slot))"
        if turns.rotation.tier < 3 { note("S4", begin, slot.until, "\(person) has two turns running: \(remark)") }
      }
      plan.add(Plan.Piece(person: person, from: begin, until: slot.until, remark: remark))
      moveToTheBack(person)
      return [person]
    }
    var holders: [String] = []
    var at = begin
    while at < slot.until {
      let there = queue.filter { availability.isEligible($0) && !availability.isAway($0, at: at) }
      guard let person = there.max(by: { stay($0, at, slot) < stay($1, at, slot) }) else {
        let back = queue.filter(availability.isEligible).map { availability.staysUntil($0, from: at) }.min()
        let until = min(slot.until, back ?? slot.until)
        let words = "nobody can: \(obstacles(but: "", Turns.Slot(number: slot.number, from: at, until: until)))"
        plan.add(Plan.Piece(person: "", from: at, until: until, remark: words))
        note("S5", at, until, words)
        at = until
        continue
      }
      let until = stay(person, at, slot)
      plan.add(Plan.Piece(person: person, from: at, until: until, remark: "nobody is there for all of the turn"))
      holders.append(person)
      at = until
    }
    holders.distinct.forEach { moveToTheBack($0) }
    return holders
  }

  private func stay(_ person: String, _ at: Instant, _ slot: Turns.Slot) -> Instant {
    min(availability.staysUntil(person, from: at), slot.until)
  }

  private mutating func moveToTheBack(_ person: String) {
    guard let index = queue.firstIndex(of: person) else { return }
    queue.remove(at: index)
    queue.append(person)
  }

  private func obstacles(but person: String, _ slot: Turns.Slot) -> String {
    let words = queue.filter { $0 != person }
      .compactMap { availability.obstacle($0, from: max(slot.from, from), until: slot.until) }
    return words.isEmpty ? "the rotation has nobody else" : words.joined(separator: ", ")
  }

  private mutating func note(_ rule: String, _ from: Instant, _ until: Instant, _ text: String) {
    guard plan.notes.count < ScheduleNote.notedAtMost else { return }
    plan.notes.append(
      ScheduleNote(
        rule: rule, tier: turns.rotation.tier, fromAt: from, untilAt: until, text: "rotation \(turns.id): \(text)"))
  }
}

extension ScheduleNote {
  /// More of the same say nothing new.
  static let notedAtMost = 100
}
