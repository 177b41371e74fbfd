import Machinery
import Messages

/// What goes wrong in a run, and how often; each seed chooses for itself, so that some runs have one kind of fault only and
/// one in ten has none and must be on time to the second.
final class Trouble {
  let world: World
  private(set) var isOver = false

  init(_ world: World) {
    self.world = world
  }

  func choose() {
    defer { world.promises.expect(world.report.troubles) }
    if world.random.oneIn(10) { return }
    if !world.random.oneIn(3) { troubleNetwork() }
    if !world.random.oneIn(3) { troubleProcesses() }
    if world.random.oneIn(2) { troubleDisks() }
    if world.random.oneIn(2) { troubleProviders() }
    if world.random.oneIn(3) {
      world.report.troubles.insert(.clocks)
      planClockStep()
    }
    if world.random.oneIn(6) { troubleTruth() }
    troubleTimers()
  }

  func end() {
    isOver = true
    world.network.temper = Network.Temper()
    world.providers.temper = SimulatedProviders.Temper()
    world.providers.broken = []
    world.providers.whims = nil
    for node in world.nodes {
      node.temper = DiskTemper()
      node.disarm()
      world.goOn(node)
    }
  }

  // MARK: Network

  private func troubleNetwork() {
    world.report.troubles.insert(.network)
    world.network.temper = Network.Temper(
      delay: 1...world.random.number(2...50), losesOneIn: Int(world.random.number(10...40)),
      doublesOneIn: Int(world.random.number(5...40)), dawdlesOneIn: Int(world.random.number(10...100)),
      echoesOneIn: Int(world.random.number(10...60)))
    if world.random.oneIn(3) { planIsolation() }
  }

  private func planIsolation() {
    world.agenda.plan(after: .seconds(world.random.number(60...4_000))) { [weak self] in
      guard let self, !self.isOver, let node = self.world.nodes.randomElement(using: &self.world.random) else { return }
      self.world.isolate(node, for: .seconds(self.world.random.number(5...900)))
      self.planIsolation()
    }
  }

  // MARK: Processes

  private func troubleProcesses() {
    world.report.troubles.insert(.crashes)
    world.nodes.forEach(planCrash)
  }

  /// Some end at any moment, others at a labelled point of their loop.
  private func planCrash(of node: any Node) {
    let wait = Span.milliseconds(world.random.number(20_000...3_000_000))
    world.agenda.plan(after: wait) { [weak self] in
      guard let self, !self.isOver else { return }
      if self.world.random.oneIn(2), let point = CrashPoint.allCases.randomElement(using: &self.world.random) {
        node.arm(point, after: Int(self.world.random.number(1...12)))
      } else {
        self.world.crash(node, for: self.pause())
      }
      self.planCrash(of: node)
    }
  }

  private func pause() -> Span {
    world.random.oneIn(4) ? .minutes(world.random.number(1...40)) : .seconds(2)
  }

  // MARK: Disks

  private func troubleDisks() {
    world.report.troubles.insert(.disks)
    for node in world.nodes {
      node.temper = DiskTemper(
        flush: 1...world.random.number(3...400), breaksOneIn: Int(world.random.number(30...600)),
        fillsOneIn: Int(world.random.number(60...600)), deniesOneIn: Int(world.random.number(30...600)))
    }
  }

  /// One tier's disk says that flushes are done which it never does. It shows at the next crash, so there is one.
  private func troubleTruth() {
    world.report.troubles.insert(.lyingDisks)
    guard let node = world.nodes.randomElement(using: &world.random) else { return }
    node.temper.liesOneIn = 1
    for _ in 0..<3 {
      world.agenda.plan(after: .minutes(world.random.number(15...170))) { [weak self] in
        guard let self, !self.isOver else { return }
        self.world.crash(node, for: self.pause())
      }
    }
  }

  // MARK: Providers

  private func troubleProviders() {
    world.report.troubles.insert(.providers)
    world.providers.temper = SimulatedProviders.Temper(
      delay: 5...world.random.number(10...3_000), failsOneIn: Int(world.random.number(3...20)),
      refusesOneIn: Int(world.random.number(5...40)), swallowsAnswerOneIn: Int(world.random.number(5...40)))
    world.providers.whims = .chosen(by: world.seed)
    if world.random.oneIn(3) { planOutage() }
    if world.random.oneIn(3) { world.providers.unreachable = Set([world.holder(of: world.random.oneIn(3) ? 2 : 1)]) }
  }

  /// A channel is out of order for a while.
  private func planOutage() {
    world.agenda.plan(after: .seconds(world.random.number(60...3_000))) { [weak self] in
      guard let self, !self.isOver else { return }
      let channel = ["push", "sms", "voice", "email", "slack"].randomElement(using: &self.world.random) ?? "sms"
      self.world.providers.broken.insert(channel)
      self.world.agenda.plan(after: .seconds(self.world.random.number(30...2_000))) {
        self.world.providers.broken.remove(channel)
      }
      self.planOutage()
    }
  }

  // MARK: Clocks

  /// One tier's wall clock jumps, by up to a year either way, and ten minutes later back; small jumps may stay.
  private func planClockStep() {
    let wait = Span.milliseconds(world.random.number(60_000...7_200_000))
    world.agenda.plan(after: wait) { [weak self] in
      guard let self, !self.isOver else { return }
      let spans: [Span] = [.seconds(1), .minutes(5), .hours(1), .days(1), .days(400)]
      let span = spans.randomElement(using: &self.world.random) ?? .zero
      let node = self.world.nodes.randomElement(using: &self.world.random)
      let step = self.world.random.oneIn(2) ? span : .zero - span
      self.world.report.count(.clockStep)
      node?.stepClock(by: step)
      if span <= .hours(1), self.world.random.oneIn(3) { return }
      self.world.agenda.plan(after: .minutes(10)) { node?.stepClock(by: .zero - step) }
    }
  }
}
