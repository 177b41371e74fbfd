import Machinery
import Messages

/// What goes wrong in a run, and how often; each seed chooses for itself, so that some runs have one kind of fault only.
final class Trouble {
  private let world: World
  private var isOver = false

  init(_ world: World) {
    self.world = world
  }

  func choose() {
    if world.random.oneIn(10) { return }
    if !world.random.oneIn(3) { troubleNetwork() }
    if !world.random.oneIn(3) { world.nodes.forEach(planCrash) }
    if world.random.oneIn(2) { troubleDisks() }
    if world.random.oneIn(2) { troubleProviders() }
    if world.random.oneIn(3) { planClockStep() }
  }

  func end() {
    isOver = true
    world.network.temper = Network.Temper()
    world.providers.temper = SimulatedProviders.Temper()
    world.intake.temper = DiskTemper()
    world.scheduler.temper = DiskTemper()
    world.escalator.temper = DiskTemper()
    world.notifier.temper = DiskTemper()
  }

  private func troubleNetwork() {
    world.network.temper = Network.Temper(
      delay: 1...world.random.number(2...50), losesOneIn: Int(world.random.number(10...40)),
      doublesOneIn: Int(world.random.number(5...40)), dawdlesOneIn: Int(world.random.number(10...100)))
  }

  private func planCrash(of node: any Node) {
    let wait = Span.seconds(world.random.number(20...3_000))
    world.agenda.plan(after: wait) { [weak self] in
      guard let self, !self.isOver else { return }
      let pause = self.world.random.oneIn(4) ? Span.minutes(self.world.random.number(1...40)) : .seconds(2)
      self.world.crash(node, for: pause)
      self.planCrash(of: node)
    }
  }

  private func troubleDisks() {
    func temper() -> DiskTemper {
      DiskTemper(
        flush: 1...world.random.number(3...400), breaksOneIn: Int(world.random.number(100...1_000)),
        liesOneIn: Int(world.random.number(100...1_000)))
    }
    world.intake.temper = temper()
    world.scheduler.temper = temper()
    world.escalator.temper = temper()
    world.notifier.temper = temper()
  }

  private func troubleProviders() {
    world.promises.isProviderFaultless = false
    world.providers.temper = SimulatedProviders.Temper(
      delay: 5...world.random.number(10...3_000), failsOneIn: Int(world.random.number(3...20)),
      refusesOneIn: Int(world.random.number(5...40)), swallowsAnswerOneIn: Int(world.random.number(5...40)))
  }

  /// One tier's wall clock jumps, by up to ten years either way.
  private func planClockStep() {
    let wait = Span.seconds(world.random.number(60...7_200))
    world.agenda.plan(after: wait) { [weak self] in
      guard let self, !self.isOver else { return }
      let spans: [Span] = [.seconds(1), .minutes(5), .hours(1), .days(1)]
      let span = spans.randomElement(using: &self.world.random) ?? .zero
      let node = self.world.nodes.randomElement(using: &self.world.random)
      let step = self.world.random.oneIn(2) ? span : .zero - span
      self.world.report.clockSteps += 1
      node?.stepClock(by: step)
      self.world.agenda.plan(after: .minutes(10)) { node?.stepClock(by: .zero - step) }
    }
  }
}
