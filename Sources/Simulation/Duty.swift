import Escalating
import Messages
import Scheduling
import Wire

/// What a team does about its duty in some runs: trading shifts, falling ill, covering, replacing, testing phones (requirements S1,
/// S6, S7, S10). It draws for itself, so that the rest of a seed stays what it was.
final class Duty {
  private static let team = "platform"
  private let world: World
  private let people: [String]
  private var random: SeededRandom

  init(_ world: World, people: [String]) {
    self.world = world
    self.people = people
    random = SeededRandom(seed: ~world.seed &+ 2)
  }

  /// A few of everything in one run of three.
  func plan(over span: Span) {
    guard random.oneIn(3) else { return }
    for _ in 0..<random.number(2...8) {
      let deeds = [Duty.trade, Duty.fallIll, Duty.cover, Duty.replace, Duty.testPhones]
      guard let deed = deeds.randomElement(using: &random) else { continue }
      soon(.zero...span) { deed($0)() }
    }
  }

  // MARK: Deeds

  /// One asks another to take a shift of the next weeks, whole or from its middle on, and most agree.
  private func trade() {
    let at = world.agenda.now + .minutes(random.number(1...60 * 24 * 20))
    let tier = UInt32(random.number(1...3))
    guard let shift = onCall(tier, at: at)?.shifts.first, !shift.person.isEmpty, shift.untilAt < .distantFuture else {
      return
    }
    let begins = max(shift.fromAt, world.agenda.now + .minutes(5))
    let middle = Instant(milliseconds: (begins.milliseconds + shift.untilAt.milliseconds) / 2)
    let taker = somebody(besides: shift.person)
    let request = SwapRequest(
      team: Self.team, tier: tier, giver: shift.person, takers: [taker], fromAt: random.oneIn(2) ? begins : middle,
      untilAt: shift.untilAt, reason: "a wedding", by: shift.person)
    tell(ScheduleMethods.requestSwap, request) { duty, reply in
      guard let id = reply.swap?.id else { return }
      duty.soon(.seconds(1)...(.minutes(20))) { duty in
        let answer = SwapAnswer(swapId: id, by: taker, agrees: !duty.random.oneIn(4))
        duty.tell(ScheduleMethods.answerSwap, answer) { _, _ in }
      }
    }
  }

  /// Whoever has the duty can't go on; half of them can again after a while.
  private func fallIll() {
    let person = world.holder(of: UInt32(random.number(1...3)))
    guard !person.isEmpty else { return }
    let request = AbsenceRequest(person: person, kind: .sick, reason: "ill", by: person)
    world.promises.opened()
    tell(ScheduleMethods.requestAbsence, request) { duty, reply in
      guard let id = reply.absence?.id, duty.random.oneIn(2) else { return }
      duty.soon(.minutes(5)...(.hours(4))) { duty in
        duty.tell(ScheduleMethods.endAbsence, AbsenceEnd(absenceId: id, by: person)) { _, _ in }
      }
    }
  }

  private func cover() {
    let now = world.agenda.now
    tell(ScheduleMethods.assignCover, instead(from: now, until: now + .hours(random.number(1...12)))) { _, _ in }
  }

  /// An override of the weeks ahead, sometimes taken back.
  private func replace() {
    let begins = world.agenda.now + .minutes(random.number(1...60 * 24 * 20))
    tell(ScheduleMethods.addOverride, instead(from: begins, until: begins + .hours(random.number(1...48)))) {
      duty, reply in
      guard duty.random.oneIn(2) else { return }
      duty.soon(.minutes(1)...(.hours(2))) { duty in
        let removal = OverrideRemoval(overrideId: reply.overrideId, reason: "not needed", by: "tara")
        duty.tell(ScheduleMethods.removeOverride, removal) { _, _ in }
      }
    }
  }

  /// Whoever asks for test pages gives the code back of the first that came, if one did.
  private func testPhones() {
    let person = random.oneIn(2) ? world.holder(of: 1) : somebody()
    guard !person.isEmpty else { return }
    tell(ReadinessMethods.test, ReadinessTestRequest(person: person, by: person)) { duty, _ in
      duty.soon(.minutes(1)...(.minutes(10))) { duty in
        let came = duty.world.providers.delivered.map(\.attempt).filter { $0.purpose == .test && $0.person == person }
        guard let words = came.last?.text.split(separator: "your code is ").last else { return }
        let code = String(words.filter(\.isNumber).prefix(6))
        duty.tell(ReadinessMethods.confirm, ReadinessConfirmation(code: code, by: person)) { _, _ in }
      }
    }
  }

  private func instead(from: Instant, until: Instant) -> OverrideRequest {
    OverrideRequest(
      team: Self.team, tier: UInt32(random.number(1...3)), person: somebody(), fromAt: from, untilAt: until,
      reason: "a funeral", by: "tara")
  }

  private func somebody(besides person: String = "") -> String {
    people.filter { $0 != person }.randomElement(using: &random) ?? ""
  }

  private func soon(_ wait: ClosedRange<Span>, _ deed: @escaping (Duty) -> Void) {
    let wait = Span.milliseconds(random.number(wait.lowerBound.milliseconds...wait.upperBound.milliseconds))
    world.agenda.plan(after: wait) { [weak self] in
      guard let self else { return }
      deed(self)
    }
  }

  /// A refusal is an answer too: not all that people want is allowed.
  private func tell<Request: WireMessage, Reply: WireMessage>(
    _ method: Method<Request, Reply>, _ request: Request, then: @escaping (Duty, Reply) -> Void
  ) {
    world.call(.scheduler, method.path, request.encoded()) { [weak self] result in
      guard let self, case .success(let bytes) = result else { return }
      guard let reply = try? Reply(decoding: bytes) else {
        return self.world.report.violate("the scheduler's answer to \(method.path) can't be read")
      }
      then(self, reply)
    }
  }

  private func onCall(_ tier: UInt32 = 0, at instant: Instant = .unset) -> OnCallReply? {
    let request = OnCallRequest(team: Self.team, tier: tier, at: instant)
    return try? world.scheduler.rules?.onCall(request, now: world.agenda.now)
  }

  // MARK: Judging

  /// Whom the escalator would page is whom the scheduler names, at every handoff of what it was told; so are those with copies.
  func judge() {
    let now = world.agenda.now
    guard let told = timeline() else { return world.report.violate("the escalator has no timeline") }
    for tier in UInt32(1)...3 {
      let shifts = told.shifts.filter { $0.tier == tier && $0.untilAt > now }
      for shift in shifts {
        let at = max(shift.fromAt, now)
        guard let named = onCall(tier, at: at)?.shifts.first else { continue }
        world.report.judgements += 1
        if named.person != shift.person || min(named.untilAt, told.untilAt) != min(shift.untilAt, told.untilAt) {
          world.report.violate("tier \(tier) at \(at): \(named) by the scheduler, \(shift) by the escalator")
        }
      }
    }
    let copies = told.shadows.filter { $0.fromAt <= now && now < $0.untilAt }.map(\.person).sorted()
    let named = onCall()?.shadows.map(\.person).sorted() ?? []
    if copies != named { world.report.violate("copies go to \(copies), and the scheduler names \(named)") }
  }

  private func timeline() -> Timeline? {
    var latest: Timeline?
    world.escalator.forEachFact { _, fact in
      guard case .timelineReceived(let received) = fact.kind, let timeline = received.timeline,
        timeline.team == Self.team, timeline.generation >= latest?.generation ?? 0
      else { return }
      latest = timeline
    }
    return latest
  }
}
