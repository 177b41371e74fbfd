import Machinery
import Messages
import Notifying

/// The outside world behind the notifier: takes pages, fails, dawdles, and sometimes takes one without saying so, or says so of one
/// that never arrives.
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
  /// What a provider says of an attempt.
  struct Outcome {
    var status: Status
    var words: String
    var retryAfter: Span?
    var reference = ""
  }

  /// What the notifier was told of an attempt.
  struct Fate {
    var isAnswered = false
    /// The most that was reported.
    var reported: DeliveryState?
  }

  let world: World
  var temper = Temper()
  /// How they make trouble besides; nil: not at all.
  var whims: ProviderWhims?
  /// Channels that are out of order now.
  var broken: Set<String> = []
  /// People whom no channel reaches, all through the run.
  var unreachable: Set<String> = []
  private(set) var delivered: [Delivery] = []
  /// What the providers call the messages that they have taken of a delivery, the latest last.
  private(set) var names: [String: [String]] = [:]
  /// Those of them that never arrive.
  private(set) var undelivered: Set<String> = []
  private var named = 0
  /// How far each attempt is known to have come, by its delivery and number.
  var fates: [String: Fate] = [:]
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
    hand(attempt) { outcome in
      then(
        Settlement(
          peer: .provider, key: attempt.key, status: outcome.status, words: outcome.words,
          retryAfter: outcome.retryAfter, reference: outcome.reference))
    }
  }

  private func hand(_ attempt: Attempt, then: @escaping (Outcome) -> Void) {
    let world = self.world
    guard attempt.purpose != .synthetic else {
      // Its receiver is in the notifier itself.
      world.promises.watch.syntheticAt = world.agenda.now
      return world.agenda.plan(after: .milliseconds(1)) { then(Outcome(status: .ok, words: "204")) }
    }
    let now = world.agenda.now
    let mustNotWait = world.promises.messageBegan(attempt, at: now)
    let handOvers = attempt.each.map { world.promises.attemptBegan($0, at: now) }
    func ended(reached: Bool?) {
      for handOver in handOvers { world.promises.ended(handOver, reached: reached, at: world.agenda.now) }
    }
    func tell(_ outcome: Outcome) {
      if outcome.status == .unknown { ended(reached: nil) }
      if self.isTrouble(attempt, outcome.status) {
        world.promises.troubled(attempt, isKnown: outcome.status != .unknown, begun: now, at: world.agenda.now)
      }
      then(outcome)
    }
    let delay = Span.milliseconds(world.random.number(temper.delay))
    world.agenda.plan(after: delay) { [weak self] in
      guard let self else { return }
      if let refusal = self.refusal(of: attempt) {
        ended(reached: false)
        return tell(refusal)
      }
      if self.hangs() {
        return self.answerNothing(then: tell)
      }
      let arrives = self.take(attempt)
      if arrives {
        let delivery = Delivery(at: world.agenda.now, attempt: attempt)
        self.delivered.append(delivery)
        world.promises.messageReached(attempt, mustNotWait: mustNotWait, at: delivery.at)
        self.onDelivery(delivery)
      }
      if world.random.oneIn(self.temper.swallowsAnswerOneIn) {
        world.report.count(.answerSwallowed)
        self.answerNothing(then: tell)
      } else {
        ended(reached: arrives)
        tell(Outcome(status: .ok, words: "accepted", reference: self.names[attempt.deliveryID]?.last ?? ""))
      }
    }
  }

  /// - Returns: whether it arrives.
  private func take(_ attempt: Attempt) -> Bool {
    named += 1
    let name = "\(attempt.channel)-\(named)"
    names[attempt.deliveryID, default: []].append(name)
    let arrives = !loses(attempt)
    if !arrives { undelivered.insert(name) }
    report(on: attempt, as: name, arrives: arrives)
    return arrives
  }

  private func answerNothing(then: @escaping (Outcome) -> Void) {
    let wait = whims?.random.number(10_000...30_000) ?? 10_000
    world.agenda.plan(after: .milliseconds(wait)) { then(Outcome(status: .unknown, words: "no answer")) }
  }

  private func refusal(of attempt: Attempt) -> Outcome? {
    if broken.contains(attempt.channel) {
      world.report.count(.channelOutage)
      return Outcome(status: .failedPrecondition, words: "\(attempt.channel) is out of order")
    }
    if !attempt.person.isEmpty, unreachable.contains(attempt.person) {
      world.report.count(.providerRefused)
      for page in attempt.each { world.promises.foundUnreachable(page, at: world.agenda.now) }
      return Outcome(status: .failedPrecondition, words: "number not in service")
    }
    if world.random.oneIn(temper.refusesOneIn) {
      world.report.count(.providerRefused)
      return Outcome(status: .failedPrecondition, words: "number not in service")
    }
    if world.random.oneIn(temper.failsOneIn) {
      world.report.count(.providerFailed)
      return Outcome(
        status: .unavailable, words: "503",
        retryAfter: world.random.oneIn(3) ? .seconds(world.random.number(1...400)) : nil)
    }
    return limit()
  }
}
