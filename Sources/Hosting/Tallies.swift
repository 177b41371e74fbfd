import Bus
import Messages
import Metrics
import Notifying

/// What a tier counts while it works, since its process began, for whoever watches it: each costs a few nanoseconds where it
/// happens, and nothing is made of it before somebody asks.
struct Tallies {
  /// How long a change's answer may take to be worth a place of its own, in seconds.
  private static let answering = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 10]
  private static let ringing = [0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60, 600]
  private static let paging = [0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 900]

  /// A channel and the provider that carries it.
  struct Carrier: Hashable {
    var channel: String
    var provider: String
  }
  struct Health {
    var byStatus: [Status: UInt64] = [:]
    var failuresInARow: UInt64 = 0
    var repeats: UInt64 = 0
  }

  private(set) var answers: [String: Histogram] = [:]
  private(set) var answersByStatus: [Status: UInt64] = [:]
  private(set) var timersLate = Histogram(Self.ringing)
  private(set) var pages: [String: Histogram] = [:]
  private(set) var carriers: [Carrier: Health] = [:]
  /// nil: no provider calls this tier back.
  private(set) var callbacks: [CallbackOutcome: UInt64]?
  var clockJumps: UInt64 = 0
  /// How far a peer's clock is ahead of ours.
  var clockOffsets: [Peer: Span] = [:]

  mutating func answered(_ path: String, _ result: Result<[UInt8], Refusal>, after nanoseconds: UInt64) {
    answers[path, default: Histogram(Self.answering)].add(Double(nanoseconds) / 1e9)
    switch result {
    case .success: answersByStatus[.ok, default: 0] += 1
    case .failure(let refusal): refused(refusal)
    }
  }

  mutating func refused(_ refusal: Refusal) { answersByStatus[refusal.status, default: 0] += 1 }

  mutating func takesCallbacks() { callbacks = callbacks ?? [:] }

  mutating func calledBack(_ outcome: CallbackOutcome) { callbacks?[outcome, default: 0] += 1 }

  mutating func timerRang(late: Span) { timersLate.add(late.seconds) }

  /// - Parameter age: since the page or post was decided.
  mutating func handedOver(_ attempt: Attempt, _ status: Status, age: Span) {
    let carrier = Carrier(channel: attempt.channel, provider: attempt.route.provider)
    var health = carriers[carrier] ?? Health()
    health.byStatus[status, default: 0] += 1
    health.failuresInARow = status == .ok ? 0 : health.failuresInARow + 1
    if attempt.isRepeat { health.repeats += 1 }
    carriers[carrier] = health
    if status == .ok { pages[attempt.channel, default: Histogram(Self.paging)].add(age.seconds) }
  }
}

extension Tallies {
  var figures: [Figure] {
    let byCarrier = carriers.sorted { ($0.key.channel, $0.key.provider) < ($1.key.channel, $1.key.provider) }
    func each(_ value: (Health) -> UInt64) -> [Figure.Sample] {
      byCarrier.map { .init(Double(value($0.value)), $0.key.labels) }
    }
    return [
      Figure(
        "tocsin_answer_seconds",
        "From a call's arrival to its answer; what it changed is on disk by then.", by: "method", answers),
      Figure(
        "tocsin_answers_total", .counter, "Answers to calls by status.",
        // Those that have not happened too: monitoring sees a first one only as a step from nought.
        Status.allCases.map { .init(Double(answersByStatus[$0] ?? 0), [.init("status", $0.name)]) }),
      Figure("tocsin_timer_late_seconds", "How late timers rang.", timersLate),
      Figure(
        "tocsin_clock_jumps_total", .counter, "How often the wall clock jumped by more than half a second.",
        Double(clockJumps)),
      Figure(
        "tocsin_peer_clock_ahead_seconds", .gauge, "How far another tier's clock is ahead of this one's.",
        clockOffsets.sorted { $0.key.rawValue < $1.key.rawValue }.map {
          .init($0.value.seconds, [.init("peer", $0.key.rawValue)])
        }),
      Figure(
        "tocsin_page_seconds", "From the moment a page or post was decided to its provider's word that it has it.",
        by: "channel", pages),
      Figure(
        "tocsin_hand_overs_total", .counter,
        "Tries to hand a page or post to a provider; UNKNOWN: it may have arrived, and is sent again once.",
        byCarrier.flatMap { carrier, health in
          health.byStatus.sorted { $0.key.rawValue < $1.key.rawValue }.map {
            .init(Double($0.value), carrier.labels + [.init("status", $0.key.name)])
          }
        }),
      Figure(
        "tocsin_possible_repeats_total", .counter,
        "Pages sent again because nobody can know whether they had arrived (the provider never answered, or the notifier ended meanwhile).",
        each(\.repeats)),
      Figure(
        "tocsin_provider_failures_in_a_row", .gauge,
        "How many tries since a provider last took something.", each(\.failuresInARow)),
    ] + callbackFigures
  }

  private var callbackFigures: [Figure] {
    guard let callbacks else { return [] }
    return [
      Figure(
        "tocsin_callbacks_total", .counter,
        "Answers to pages that came by their own channels: taken, refused, or not proven to be a provider's.",
        CallbackOutcome.allCases.map { .init(Double(callbacks[$0] ?? 0), [.init("outcome", $0.rawValue)]) })
    ]
  }
}

extension Tallies.Carrier {
  fileprivate var labels: [Figure.Label] { [.init("channel", channel), .init("provider", provider)] }
}

extension Span {
  var seconds: Double { Double(milliseconds) / 1_000 }
}
