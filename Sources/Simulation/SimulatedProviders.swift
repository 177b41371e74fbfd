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
  /// People whom no channel reaches, all through the run.
  var unreachable: Set<String> = []
  /// Channels by which providers take pages that never arrive: what they report, when they are asked.
  var undeliverable: Set<String> = []
  /// What else than delivered a channel's provider reports.
  var receipts: [String: DeliveryState] = [:]
  private(set) var delivered: [Delivery] = []
  /// How many of a delivery's attempts were taken, by the delivery.
  private(set) var taken: [String: Int] = [:]
  /// Told of each delivery as it happens.
  var onDelivery: (Delivery) -> Void = { _ in }

  init(_ world: World) {
    self.world = world
  }

  func deliver(_ attempt: Attempt, then: @escaping (Settlement) -> Void) {
    if let question = attempt.question {
      return world.agenda.plan(after: .milliseconds(world.random.number(temper.delay))) { [weak self] in
        guard let self else { return }
        if self.broken.contains(attempt.channel) {
          then(Settlement(peer: .provider, key: attempt.key, status: .unavailable, words: "503"))
        } else {
          then(self.answer(question, about: attempt))
        }
      }
    }
    hand(attempt) { status, words, wait in
      then(
        Settlement(
          peer: .provider, key: attempt.key, status: status, words: words, retryAfter: wait,
          reference: status == .ok ? "\(attempt.channel)-\(self.taken[attempt.deliveryID] ?? 0)" : ""))
    }
  }

  private func hand(_ attempt: Attempt, then: @escaping (Status, String, Span?) -> Void) {
    let world = self.world
    guard attempt.purpose != .synthetic else {
      // Its receiver is in the notifier itself.
      return world.agenda.plan(after: .milliseconds(1)) { then(.ok, "204", nil) }
    }
    let now = world.agenda.now
    let mustNotWait = world.promises.messageBegan(attempt, at: now)
    let handOvers = attempt.each.map { world.promises.attemptBegan($0, at: now) }
    func ended(reached: Bool?) {
      for handOver in handOvers { world.promises.ended(handOver, reached: reached, at: world.agenda.now) }
    }
    let delay = Span.milliseconds(world.random.number(temper.delay))
    world.agenda.plan(after: delay) { [weak self] in
      guard let self else { return }
      if let refusal = self.refusal(of: attempt) {
        ended(reached: false)
        return then(refusal.status, refusal.words, refusal.retryAfter)
      }
      let delivery = Delivery(at: self.world.agenda.now, attempt: attempt)
      self.delivered.append(delivery)
      self.taken[attempt.deliveryID, default: 0] += 1
      self.world.promises.messageReached(attempt, mustNotWait: mustNotWait, at: delivery.at)
      self.onDelivery(delivery)
      if self.world.random.oneIn(self.temper.swallowsAnswerOneIn) {
        self.world.report.count(.answerSwallowed)
        ended(reached: nil)
        self.world.agenda.plan(after: .seconds(10)) { then(.unknown, "no answer", nil) }
      } else {
        ended(reached: true)
        then(.ok, "accepted", nil)
      }
    }
  }

  private func refusal(of attempt: Attempt) -> (status: Status, words: String, retryAfter: Span?)? {
    if broken.contains(attempt.channel) {
      world.report.count(.channelOutage)
      return (.failedPrecondition, "\(attempt.channel) is out of order", nil)
    }
    if !attempt.person.isEmpty, unreachable.contains(attempt.person) {
      world.report.count(.providerRefused)
      for page in attempt.each { world.promises.foundUnreachable(page, at: world.agenda.now) }
      return (.failedPrecondition, "number not in service", nil)
    }
    if world.random.oneIn(temper.refusesOneIn) {
      world.report.count(.providerRefused)
      return (.failedPrecondition, "number not in service", nil)
    }
    if world.random.oneIn(temper.failsOneIn) {
      world.report.count(.providerFailed)
      return (.unavailable, "503", world.random.oneIn(3) ? .seconds(world.random.number(1...400)) : nil)
    }
    return nil
  }
}
