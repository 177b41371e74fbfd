import Messages
import Notifying
import Wire

/// The sources that report and the people who answer, some at once, some late, some never.
final class Crowd {
  private let world: World
  private let people: [String]
  private var seenPages: Set<String> = []
  /// Reports without a dedup key: only the idempotency key of their call keeps each from becoming two alerts.
  private var keyless: Set<Int64> = []
  /// Who answers by the page's own channel: dice of their own, so that all else goes as it would without.
  private var channelDice: SeededRandom

  init(_ world: World, people: [String]) {
    self.world = world
    self.people = people
    channelDice = SeededRandom(seed: ~world.seed &+ 2)
    world.providers.onDelivery = { [weak self] delivery in self?.hear(delivery) }
  }

  func planAlerts(over span: Span) {
    let count = world.random.number(5...25)
    for number in 0..<count {
      let at = Span(milliseconds: world.random.number(0...span.milliseconds - 1))
      // The first is one that pages at once, so that no run is without.
      let severities: [Severity] = number == 0 ? [.sev1] : [.sev1, .sev1, .sev2, .sev2, .sev3, .sev4]
      let severity = severities.randomElement(using: &world.random) ?? .sev1
      let hasKey = !world.random.oneIn(4)
      if !hasKey { keyless.insert(number) }
      let event = Event(
        action: .trigger, source: "simulation", dedupKey: hasKey ? "alert-\(number)" : "", severity: severity,
        summary: "alert \(number)", service: "aion-web-api")
      world.agenda.plan(after: at) { [weak self] in self?.report(number, event) }
    }
    if world.random.oneIn(15) { planBurst(over: span, from: count) }
    if world.random.oneIn(3) { planOverride(over: span) }
    planMove(over: span)
  }

  /// A hundred alerts at one moment: batches, windows and the order of urgency come into their own. In every other one each is
  /// of a class of its own, so that they are no storm that becomes one incident.
  private func planBurst(over span: Span, from first: Int64) {
    let at = Span(milliseconds: world.random.number(0...span.milliseconds - 1))
    let severities: [Severity] = [.sev1, .sev2, .sev3, .sev3, .sev4]
    let isStorm = world.seed % 2 == 0
    for number in first..<first + world.random.number(40...120) {
      let event = Event(
        action: .trigger, source: "simulation", dedupKey: "alert-\(number)",
        severity: severities.randomElement(using: &world.random) ?? .sev3, summary: "alert \(number)",
        alertClass: isStorm ? "" : "class \(number)",
        service: ["aion-web-api", "redis", "aion-ai-inference"][isStorm ? 0 : Int(number % 3)])
      world.agenda.plan(after: at) { [weak self] in self?.report(number, event) }
    }
  }

  /// In some runs the services are given to another team, and back.
  private func planMove(over span: Span) {
    var random = SeededRandom(seed: ~world.seed &+ 1)
    guard random.oneIn(6) else { return }
    for team in ["others", "platform"] {
      let at = Span(milliseconds: random.number(0...span.milliseconds - 1))
      world.agenda.plan(after: at) { [weak self] in
        guard let self else { return }
        self.world.promises.touchedAll()
        self.world.giveServices(to: team) { self.world.promises.touchedAll() }
      }
    }
  }

  /// Somebody takes over a tier for a while.
  private func planOverride(over span: Span) {
    world.agenda.plan(after: Span(milliseconds: world.random.number(0...span.milliseconds - 1))) { [weak self] in
      guard let self else { return }
      let now = self.world.agenda.now
      let request = OverrideRequest(
        team: "platform", tier: UInt32(self.world.random.number(1...3)),
        person: self.people.randomElement(using: &self.world.random) ?? "", fromAt: now + .minutes(1),
        untilAt: now + .hours(2), reason: "swapped", by: "tara")
      self.world.call(.scheduler, ScheduleMethods.addOverride.path, request.encoded())
    }
  }

  /// At the end everybody does their work: what is open is resolved.
  func finish() {
    for id in world.openIncidents() {
      world.promises.touched(id)
      resolve(id, by: people.first ?? "")
    }
  }

  /// One report, one alert: counted by the escalator's timeline, because a second alert is one that no source was told of.
  func checkReports() {
    guard world.report.faults[.tailLost] == nil else { return }
    var opened: [String: Int] = [:]
    world.escalator.forEachLine { line in
      if line.kind == "opened", let name = line.text.split(separator: ": ").last {
        opened[String(name), default: 0] += 1
      }
    }
    for number in keyless.sorted() {
      world.report.judgements += 1
      let count = opened["alert \(number)"] ?? 0
      if count > 1 { world.report.violate("alert \(number) was reported once and opened \(count) incidents") }
    }
  }

  // MARK: Sources

  private func report(_ number: Int64, _ event: Event) {
    let told = world.agenda.now
    publish(event) { [weak self] reply in
      guard let self else { return }
      let id = reply.alertId
      if reply.silencedBy.isEmpty || !self.world.promises.heldBack(id, event.severity, of: number) {
        self.accepted(id, of: number, event.severity, toldAt: told)
      }
      guard !event.dedupKey.isEmpty else { return }
      self.maybeResolve(event, reply.alertId)
      self.maybeAcknowledge(event, reply.alertId)
      self.maybeRepeat(number, event, reply.alertId)
    }
  }

  private func publish(_ event: Event, then: @escaping (PublishReply) -> Void) {
    world.call(.intake, IntakeMethods.publish.path, event.encoded()) { [weak self] result in
      switch result {
      case .success(let bytes):
        guard let reply = try? PublishReply(decoding: bytes) else {
          self?.world.report.violate("intake's answer to \(event.summary) can't be read")
          return
        }
        then(reply)
      case .failure(let refusal): self?.world.report.violate("\(event.summary) was refused: \(refusal)")
      }
    }
  }

  func accepted(_ id: String, of number: Int64, _ severity: Severity, toldAt: Instant) {
    let world = self.world
    let now = world.agenda.now
    world.promises.accept(id, severity, of: number, toldAt: toldAt, at: now)
    world.agenda.plan(after: world.promises.slack) { [self] in
      afterHold(severity) { world.promises.checkFirstPage(of: id, at: world.agenda.now) }
    }
    if severity != .sev4 { judgeSecondTier(of: id, severity, since: now) }
  }

  /// When its own policy says; which one that is may not be known before.
  private func judgeSecondTier(of id: String, _ severity: Severity, since accepted: Instant) {
    let world = self.world
    func due() -> Instant {
      accepted + world.promises.latestSecondTier(of: id, severity, at: world.agenda.now) + world.promises.slack
    }
    world.agenda.plan(after: max(.zero, due() - world.agenda.now)) { [self] in
      guard due() <= world.agenda.now else { return judgeSecondTier(of: id, severity, since: accepted) }
      afterHold(severity) { world.promises.checkSecondTier(of: id, at: world.agenda.now) }
    }
  }

  /// In a storm what is held comes later.
  private func afterHold(_ severity: Severity, _ judge: @escaping () -> Void) {
    let hold = world.promises.hold(severity, at: world.agenda.now)
    if hold == .zero { judge() } else { world.agenda.plan(after: hold, judge) }
  }

  /// Some alerts end by themselves.
  private func maybeResolve(_ event: Event, _ id: String) {
    guard world.random.oneIn(5) else { return }
    var over = event
    over.action = .resolve
    // One in four ends while it is still being handed over.
    let wait = world.random.number(10...5_000)
    world.agenda.plan(after: wait % 4 == 0 ? .milliseconds(wait / 10) : .seconds(wait)) { [weak self] in
      guard let self else { return }
      let begun = self.world.agenda.now
      self.world.promises.closingBegan(id, at: begun)
      self.publish(over) { reply in
        guard reply.disposition == .closed else { return }
        // Reopened meanwhile: which of the two came first the answer doesn't say.
        let isReopened = reply.alertId == id && !self.world.promises.isClosing(id)
        // What it closed may be a later alert under the same key.
        self.world.promises.closingBegan(reply.alertId, at: begun)
        guard !isReopened else { return }
        self.world.promises.closed(reply.alertId, at: self.world.agenda.now, atSource: true)
      }
    }
  }

  /// Some are acknowledged where they come from.
  private func maybeAcknowledge(_ event: Event, _ id: String) {
    guard world.random.oneIn(8) else { return }
    var taken = event
    taken.action = .acknowledge
    world.agenda.plan(after: .seconds(world.random.number(10...2_000))) { [weak self] in
      guard let self else { return }
      let begun = self.world.agenda.now
      self.world.promises.answerBegan(id, at: begun)
      self.publish(taken) { reply in
        guard reply.disposition == .acknowledged else { return }
        self.world.promises.answerBegan(reply.alertId, at: begun)
        self.world.promises.stirred(reply.alertId, at: self.world.agenda.now)
        self.world.promises.touched(reply.alertId)
      }
    }
  }

  /// Many are reported again while they last, some as worse than before.
  private func maybeRepeat(_ number: Int64, _ event: Event, _ id: String) {
    guard world.random.oneIn(3) else { return }
    var again = event
    if world.random.oneIn(3), event.severity.rawValue > 1 {
      again.severity = Severity(rawValue: event.severity.rawValue - 1) ?? event.severity
    }
    world.agenda.plan(after: .seconds(world.random.number(1...3_000))) { [weak self] in
      guard let self else { return }
      if again.severity != event.severity {
        self.world.promises.touched(id)
        self.world.promises.worsened(id)
      }
      let told = self.world.agenda.now
      self.world.promises.reportsAgain(number)
      self.publish(again) { reply in
        self.world.promises.heardAgain(number)
        if !reply.silencedBy.isEmpty, self.world.promises.heldBack(reply.alertId, again.severity, of: number) { return }
        self.world.promises.released(reply.alertId)
        // What its source has called over or in hand under a silence needs no page after it.
        guard self.world.promises.stories[reply.alertId]?.isSettled != true else {
          return self.world.promises.accept(
            reply.alertId, again.severity, of: number, toldAt: told, at: self.world.agenda.now)
        }
        self.accepted(reply.alertId, of: number, again.severity, toldAt: told)
      }
    }
  }

  // MARK: People

  /// A page reached somebody: they may answer, by and by.
  private func hear(_ delivery: SimulatedProviders.Delivery) {
    for page in delivery.attempt.each { hear(page) }
  }

  private func hear(_ attempt: Attempt) {
    guard attempt.purpose == .duty, seenPages.insert(attempt.id).inserted, !world.random.oneIn(3) else { return }
    world.agenda.plan(after: .seconds(world.random.number(5...900))) { [weak self] in
      self?.answer(attempt)
    }
  }

  /// Some by the channel that rang them (requirement N4), the others with tocsinctl, as do those whom the notifier can't hear.
  private func answer(_ attempt: Attempt) {
    let (id, person) = (attempt.incidentId, attempt.person)
    guard let given = attempt.acknowledgement, channelDice.oneIn(3) else {
      return answer(id, by: person)
    }
    let begun = world.agenda.now
    world.promises.answerBegan(id, at: begun)
    world.notifier.hear(.answer(given)) { [weak self] words in
      guard let self else { return }
      guard let words else { return self.answer(id, by: person) }
      guard words.answerId.isEmpty else {
        return self.world.promises.keptAnswer(
          words.answerId, of: person, about: id, at: self.world.agenda.now)
      }
      guard words.taken else { return }
      self.world.promises.answered(id, at: self.world.agenda.now)
      self.goOn(with: id, by: person)
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
    let choice = world.random.number(0...6)
    world.agenda.plan(after: wait) { [weak self] in
      guard let self else { return }
      switch choice {
      case 0, 1: self.update(id, by: person, then: choice)
      case 2:
        self.world.promises.touched(id)
        let request = EscalateRequest(incidentId: id, by: person, reason: "need help")
        self.act(id, EscalationMethods.escalate.path, request.encoded())
      case 3:
        self.world.promises.touched(id)
        let to = self.people.randomElement(using: &self.world.random) ?? person
        let request = ReassignRequest(incidentId: id, by: person, to: to)
        self.act(id, EscalationMethods.reassign.path, request.encoded())
      case 4: break
      default: self.resolve(id, by: person)
      }
    }
  }

  private func update(_ id: String, by person: String, then choice: Int64) {
    let update = UpdateRequest(
      incidentId: id, by: person, status: .identified, impact: "some", actions: "looking", next: "more", eta: "soon")
    act(id, EscalationMethods.postUpdate.path, update.encoded()) { $0.updated(id) }
    if choice == 1 {
      world.agenda.plan(after: .seconds(world.random.number(30...2_000))) { [weak self] in
        self?.resolve(id, by: person)
      }
    }
  }

  private func act(
    _ id: String, _ path: String, _ request: [UInt8], then: @escaping (Promises) -> Void = { _ in }
  ) {
    world.promises.disturbed(id)
    world.call(.escalator, path, request) { [weak self] result in
      guard let self, case .success = result else { return }
      self.world.promises.stirred(id, at: self.world.agenda.now)
      then(self.world.promises)
    }
  }

  private func resolve(_ id: String, by person: String) {
    let meant = world.promises.resolveBegan(id, at: world.agenda.now)
    let request = ResolveRequest(incidentId: id, by: person, note: "fixed")
    world.call(.escalator, EscalationMethods.resolve.path, request.encoded()) { [weak self] result in
      guard let self else { return }
      switch result {
      case .success:
        self.world.promises.resolveAnswered(meant)
        self.world.promises.closed(id, at: self.world.agenda.now)
      case .failure(let refusal) where refusal.field == "by": self.world.report.violate("\(id): \(refusal)")
      case .failure(let refusal): if !refusal.status.isWorthRetrying { self.world.promises.resolveAnswered(meant) }
      }
    }
  }
}

extension Attempt {
  /// What its person's acknowledgement by the same channel looks like; nil when it takes none.
  fileprivate var acknowledgement: AnswerGiven? {
    guard let ways else { return nil }
    switch channel {
    case "sms": return AnswerGiven(channel: channel, sender: address, text: "\(ways.code) ack")
    case "voice":
      return AnswerGiven(
        channel: channel, sender: address, token: ways.token(.unspecified), text: "4")
    case "slack":
      return AnswerGiven(channel: channel, sender: address, token: ways.token(.acknowledge))
    default: return AnswerGiven(channel: channel, token: ways.token(.acknowledge))
    }
  }
}
