import Messages
import Wire

/// The sources that report and the people who answer, some at once, some late, some never.
final class Crowd {
  private let world: World
  private let people: [String]
  private var seenPages: Set<String> = []

  init(_ world: World, people: [String]) {
    self.world = world
    self.people = people
    world.providers.onDelivery = { [weak self] delivery in self?.hear(delivery) }
  }

  func planAlerts(over span: Span) {
    let count = world.random.number(3...25)
    for number in 0..<count {
      let at = Span(milliseconds: world.random.number(0...span.milliseconds - 1))
      let severities: [Severity] = [.sev1, .sev1, .sev2, .sev2, .sev3, .sev4]
      let severity = severities.randomElement(using: &world.random) ?? .sev1
      world.agenda.plan(after: at) { [weak self] in self?.publish(number, severity) }
    }
  }

  /// At the end everybody does their work: what is open is resolved.
  func finish() {
    for id in world.openIncidents() {
      world.promises.touched(id)
      let request = ResolveRequest(incidentId: id, by: people.first ?? "", note: "end of the run")
      world.call(.escalator, EscalationMethods.resolve.path, request.encoded())
    }
  }

  private func publish(_ number: Int64, _ severity: Severity) {
    let event = Event(
      action: .trigger, source: "simulation", dedupKey: "alert-\(number)", severity: severity,
      summary: "alert \(number)", service: "aion-web-api")
    let told = world.agenda.now
    world.call(.intake, IntakeMethods.publish.path, event.encoded()) { [weak self] result in
      guard let self else { return }
      switch result {
      case .success(let bytes):
        guard let reply = try? PublishReply(decoding: bytes) else {
          return self.world.report.violate("intake's answer to alert \(number) can't be read")
        }
        self.accepted(reply.alertId, severity, toldAt: told)
        self.maybeResolve(event)
      case .failure(let refusal) where refusal.field == "idempotency_key":
        // A clock was wrong by a day: a source then asks with a fresh key.
        self.publish(number, severity)
      case .failure(let refusal): self.world.report.violate("alert \(number) was refused: \(refusal)")
      }
    }
  }

  private func accepted(_ id: String, _ severity: Severity, toldAt: Instant) {
    let world = self.world
    let now = world.agenda.now
    world.promises.accept(id, severity, toldAt: toldAt, at: now)
    world.agenda.plan(after: Promises.slack) { world.promises.checkFirstPage(of: id, at: world.agenda.now) }
    if severity != .sev4 {
      world.agenda.plan(after: Promises.secondTier(severity) + Promises.slack) {
        world.promises.checkSecondTier(of: id, at: world.agenda.now)
      }
    }
  }

  /// Some alerts end by themselves.
  private func maybeResolve(_ event: Event) {
    guard world.random.oneIn(5) else { return }
    var over = event
    over.action = .resolve
    world.agenda.plan(after: .seconds(world.random.number(10...5_000))) { [weak self] in
      guard let self else { return }
      let begun = self.world.agenda.now
      self.world.call(.intake, IntakeMethods.publish.path, over.encoded()) { [weak self] result in
        guard let self, case .success(let bytes) = result, let reply = try? PublishReply(decoding: bytes),
          reply.disposition == .closed
        else { return }
        self.world.promises.answerBegan(reply.alertId, at: begun)
        self.world.promises.answered(reply.alertId, at: self.world.agenda.now)
      }
    }
  }

  /// A page reached somebody: they may answer, by and by.
  private func hear(_ delivery: SimulatedProviders.Delivery) {
    let attempt = delivery.attempt
    guard attempt.purpose == .duty, seenPages.insert(attempt.id).inserted, !world.random.oneIn(3) else { return }
    world.agenda.plan(after: .seconds(world.random.number(5...900))) { [weak self] in
      self?.answer(attempt.incidentId, by: attempt.person)
    }
  }

  private func answer(_ id: String, by person: String) {
    world.promises.answerBegan(id, at: world.agenda.now)
    let acknowledge = AcknowledgeRequest(incidentId: id, by: person, via: "simulation")
    world.call(.escalator, EscalationMethods.acknowledge.path, acknowledge.encoded()) { [weak self] result in
      guard let self, case .success = result else { return }
      self.world.promises.answered(id, at: self.world.agenda.now)
      self.goOn(with: id, by: person)
    }
  }

  private func goOn(with id: String, by person: String) {
    let wait = Span.seconds(world.random.number(30...4_000))
    switch world.random.number(0...5) {
    case 0: break
    case 1:
      let update = UpdateRequest(
        incidentId: id, by: person, status: .identified, impact: "some", actions: "looking", next: "more", eta: "soon")
      world.agenda.plan(after: wait) { [weak self] in
        self?.world.call(.escalator, EscalationMethods.postUpdate.path, update.encoded())
      }
    case 2:
      let escalate = EscalateRequest(incidentId: id, by: person, reason: "need help")
      world.promises.touched(id)
      world.agenda.plan(after: wait) { [weak self] in
        self?.world.call(.escalator, EscalationMethods.escalate.path, escalate.encoded())
      }
    default:
      let resolve = ResolveRequest(incidentId: id, by: person, note: "fixed")
      world.agenda.plan(after: wait) { [weak self] in
        self?.world.call(.escalator, EscalationMethods.resolve.path, resolve.encoded())
      }
    }
  }
}
