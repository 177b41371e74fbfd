import Machinery
import Messages
import Notifying

/// The outside world behind the notifier: takes pages, fails, dawdles, and sometimes takes one without saying so.
final class SimulatedProviders {
  struct Temper {
    var delay: ClosedRange<Int64> = 0...0
    var failsOneIn = 0
    var refusesOneIn = 0
    /// Takes the page and answers nothing: the outcome is unknown.
    var swallowsAnswerOneIn = 0
  }
  /// What reached a person or channel.
  struct Delivery: Hashable, Sendable {
    var at: Instant
    var attempt: Attempt
  }

  private let world: World
  var temper = Temper()
  /// Channels that are out of order now.
  var broken: Set<String> = []
  private(set) var delivered: [Delivery] = []
  /// Told of each delivery as it happens.
  var onDelivery: (Delivery) -> Void = { _ in }

  init(_ world: World) {
    self.world = world
  }

  func deliver(_ attempt: Attempt, then: @escaping (Status, String, Span?) -> Void) {
    world.promises.attemptBegan(attempt, at: world.agenda.now)
    let delay = Span.milliseconds(world.random.number(temper.delay))
    world.agenda.plan(after: delay) { [weak self] in
      guard let self else { return }
      if self.broken.contains(attempt.channel) {
        return then(.failedPrecondition, "\(attempt.channel) is out of order", nil)
      }
      if self.world.random.oneIn(self.temper.refusesOneIn) {
        self.world.report.providerFaults += 1
        return then(.failedPrecondition, "number not in service", nil)
      }
      if self.world.random.oneIn(self.temper.failsOneIn) {
        self.world.report.providerFaults += 1
        return then(.unavailable, "503", nil)
      }
      let delivery = Delivery(at: self.world.agenda.now, attempt: attempt)
      self.delivered.append(delivery)
      self.onDelivery(delivery)
      if self.world.random.oneIn(self.temper.swallowsAnswerOneIn) {
        self.world.report.providerFaults += 1
        self.world.agenda.plan(after: .seconds(10)) { then(.unknown, "no answer", nil) }
      } else {
        then(.ok, "accepted", nil)
      }
    }
  }
}
