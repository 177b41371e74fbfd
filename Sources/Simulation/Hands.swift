import Escalating
import Messages
import Wire

/// What people do with incidents in some runs besides answering: flags, calls for help, delegation, another severity, snoozes,
/// merges, second thoughts (requirements E5 to E7). It draws for itself, so that the rest of a seed stays what it was.
final class Hands {
  private let world: World
  private let people: [String]
  private var random: SeededRandom

  /// Some of the shipped policy's, and one that it doesn't know.
  private static let flags = ["complexity", "cross-team", "legal", "security-breach", "bad-weather"]

  init(_ world: World, people: [String]) {
    self.world = world
    self.people = people
    random = SeededRandom(seed: ~world.seed &+ 3)
  }

  /// A few of everything in one run of three.
  func plan(over span: Span) {
    guard random.oneIn(3) else { return }
    for _ in 0..<random.number(3...12) {
      let deeds = [Hands.flag, Hands.ask, Hands.delegate, Hands.changeSeverity, Hands.snooze, Hands.snooze]
      guard let deed = deeds.randomElement(using: &random) else { continue }
      let wait = Span(milliseconds: random.number(0...span.milliseconds - 1))
      world.agenda.plan(after: wait) { [self] in
        guard let id = world.openIncidents().randomElement(using: &random) else { return }
        deed(self)(id)
      }
    }
  }

  /// In other runs incidents are found to be one.
  func planMerging(over span: Span) {
    random = SeededRandom(seed: ~world.seed &+ 5)
    guard random.oneIn(3) else { return }
    for _ in 0..<random.number(2...8) {
      world.agenda.plan(after: Span(milliseconds: random.number(0...span.milliseconds - 1))) { [self] in
        let open = world.openIncidents()
        guard let whole = open.randomElement(using: &random), let part = open.randomElement(using: &random) else {
          return
        }
        merge(part, into: whole)
      }
    }
  }

  /// Once or twice something was not over after all.
  func planReopening(over span: Span) {
    random = SeededRandom(seed: ~world.seed &+ 7)
    guard random.oneIn(3) else { return }
    for _ in 0..<random.number(2...6) {
      world.agenda.plan(after: Span(milliseconds: random.number(0...span.milliseconds - 1))) { [self] in
        guard let id = world.closedIncidents().randomElement(using: &random) else { return }
        reopen(id)
      }
    }
  }

  // MARK: Deeds

  private func flag(_ id: String) {
    let raised = (0..<random.number(1...3)).compactMap { _ in Self.flags.randomElement(using: &random) }
    act(id, EscalationMethods.raiseFlags, FlagsRequest(incidentId: id, by: somebody(), flags: raised))
  }

  private func ask(_ id: String) {
    let helpers = [somebody(), somebody()]
    act(id, EscalationMethods.addResponders, RespondersRequest(incidentId: id, by: somebody(), people: helpers))
  }

  private func delegate(_ id: String) {
    act(id, EscalationMethods.delegate, DelegationRequest(incidentId: id, by: somebody(), to: somebody()))
  }

  private func changeSeverity(_ id: String) {
    let severity = Severity(rawValue: UInt32(random.number(1...4))) ?? .sev1
    world.promises.called(id, severity)
    act(
      id, EscalationMethods.setSeverity,
      SeverityRequest(incidentId: id, by: somebody(), severity: severity, reason: "so it looks now"))
  }

  private func snooze(_ id: String) {
    let until = world.agenda.now + .minutes(random.number(5...240))
    let request = SnoozeRequest(incidentId: id, by: somebody(), untilAt: until, reason: "the vendor is at it")
    world.promises.snoozeBegan(id, until: until)
    world.call(.escalator, EscalationMethods.snooze.path, request.encoded()) { [world] result in
      if case .success = result {
        world.promises.snoozed(id, until: until, at: world.agenda.now)
      } else {
        world.promises.snoozeRefused(id, until: until)
      }
    }
  }

  private func merge(_ part: String, into whole: String) {
    guard part != whole else { return }
    world.promises.mergeBegan(part, into: whole, at: world.agenda.now)
    let request = MergeRequest(incidentId: whole, by: somebody(), parts: [part], reason: "one cause")
    world.call(.escalator, EscalationMethods.merge.path, request.encoded()) { [world] result in
      guard case .success = result else { return }
      world.promises.merged(part, into: whole, at: world.agenda.now)
      world.promises.stirred(whole, at: world.agenda.now)
    }
  }

  private func reopen(_ id: String) {
    let began = world.agenda.now
    world.promises.reopeningBegan(id)
    let request = ReopenRequest(incidentId: id, by: somebody(), reason: "it is back")
    world.call(.escalator, EscalationMethods.reopen.path, request.encoded()) { [world] result in
      if case .success = result { world.promises.reopened(id, since: began, at: world.agenda.now) }
    }
  }

  /// A refusal is an answer too: a SEV-3 has no commander, and what is over is nobody's any more.
  private func act<Request: WireMessage, Reply: WireMessage>(
    _ id: String, _ method: Method<Request, Reply>, _ request: Request
  ) {
    world.promises.touched(id)
    world.call(.escalator, method.path, request.encoded()) { [world] result in
      guard case .success = result else { return }
      world.promises.stirred(id, at: world.agenda.now)
    }
  }

  private func somebody() -> String { people.randomElement(using: &random) ?? "" }
}
