import Bus
import Messages
import Synchronization
import Wire

/// Publishes events to alert-intake, each source's over connections of its own, with its own key.
///
/// OK for each, within the budget, is the only thing that counts as done. What had no answer in time may be on disk all the same:
/// whoever sent it sends it again, and intake counts it under the same key.
final class Publisher: Sendable {
  /// Shorter than what senders wait: Prometheus gives an answer ten seconds.
  static let budget = Span.seconds(7)

  private let unfinished = Unfinished()
  private let call: Call

  /// Told what became of each payload, in their order.
  typealias Then = @Sendable ([Result<[UInt8], Refusal>]) -> Void
  /// Publishes payloads within a time.
  typealias Call =
    @Sendable (_ path: String, _ payloads: [[UInt8]], _ timeout: Span, _ then: @escaping Then) -> Void

  init(call: @escaping Call) {
    self.call = call
  }

  /// - Parameters:
  ///   - request: by which the same events are known when they come again.
  ///   - then: told once, on a thread of the bus, the events as they were published and what became of each, in their order.
  func publish(
    _ given: [Event], in request: RequestDigest, then: @escaping @Sendable ([Event], [Published]) -> Void
  ) {
    let now = PollThread.now()
    let known = unfinished.begin(request, given, at: now)
    let events = Self.keyed(given, by: known.key)
    // What must be told again lest it lapse is always told.
    let before = known.taken.filter { $0.key < events.count && events[$0.key].lapseAfter == .zero }
    let waves = Self.waves(events).map { $0.filter { before[$0] == nil } }
    let deadline = now + UInt64(Self.budget.milliseconds) * 1_000_000
    publish(waves[...], of: Run(events, before, by: deadline)) { [unfinished] published in
      var taken: [Int: PublishReply] = [:]
      for (place, one) in published.enumerated() { taken[place] = one.reply }
      let isDone =
        if case .later = Outcome(published) { false } else { true }
      unfinished.end(request, known, given, isDone: isDone, taken: taken, at: PollThread.now())
      then(events, published)
    }
  }

  /// A trigger without a key gets one, by which intake knows it when the same request comes again.
  private static func keyed(_ events: [Event], by key: String) -> [Event] {
    var events = events
    for place in events.indices where events[place].action == .trigger && events[place].dedupKey.isEmpty {
      events[place].dedupKey = place == 0 ? key : "\(key)-\(place)"
    }
    return events
  }

  func beat(_ name: String, then: @escaping @Sendable (Refusal?) -> Void) {
    call(HeartbeatsMethods.beat.path, [BeatRequest(name: name).encoded()], Self.budget) { results in
      if case .failure(let refusal)? = results.first { then(refusal) } else { then(nil) }
    }
  }

  /// Events of one key one after the other; those of different keys together. Which wave each event goes with.
  static func waves(_ events: [Event]) -> [[Int]] {
    var waves: [[Int]] = []
    var seen: [String: Int] = [:]
    for (index, event) in events.enumerated() {
      let wave = event.dedupKey.isEmpty ? 0 : seen[event.dedupKey, default: 0]
      if !event.dedupKey.isEmpty { seen[event.dedupKey] = wave + 1 }
      if wave == waves.count { waves.append([]) }
      waves[wave].append(index)
    }
    return waves
  }

  /// A request's events, and what has become of them so far.
  private final class Run: Sendable {
    struct State {
      var published: [Published?]
      /// Keys of which an event may still be published: what comes later under them must not overtake it. Nothing waits for what
      /// never will be.
      var blocked: Set<String> = []
    }
    let events: [Event]
    let deadline: UInt64
    let state: Mutex<State>

    init(_ events: [Event], _ taken: [Int: PublishReply], by deadline: UInt64) {
      self.events = events
      self.deadline = deadline
      state = Mutex(State(published: events.indices.map { taken[$0].map { Published(reply: $0) } }))
    }

    /// Those of a wave that may go now.
    func free(_ wave: [Int]) -> [Int] {
      state.withLock { state in
        wave.filter { events[$0].dedupKey.isEmpty || !state.blocked.contains(events[$0].dedupKey) }
      }
    }

    func note(_ results: [Result<[UInt8], Refusal>], of wave: [Int]) {
      state.withLock { state in
        for (place, result) in zip(wave, results) {
          let one = Published(result)
          state.published[place] = one
          if let refusal = one.refusal, !Outcome.isFinal(refusal) { state.blocked.insert(events[place].dedupKey) }
        }
      }
    }

    var outcome: [Published] {
      let waits = Published(refusal: Refusal(.aborted, "an earlier event of its key wasn't taken yet"))
      return state.withLock { $0.published.map { $0 ?? waits } }
    }
  }

  private func publish(_ waves: ArraySlice<[Int]>, of run: Run, _ then: @escaping @Sendable ([Published]) -> Void) {
    var rest = waves
    var wave: [Int] = []
    while wave.isEmpty, let next = rest.popFirst() { wave = run.free(next) }
    guard !wave.isEmpty else { return then(run.outcome) }
    let (asked, left) = (wave, rest)
    let now = PollThread.now()
    let time = Span.milliseconds(run.deadline > now ? Int64((run.deadline - now) / 1_000_000) : 0)
    call(IntakeMethods.publish.path, asked.map { run.events[$0].encoded() }, time) { [self] results in
      run.note(results, of: asked)
      publish(left, of: run, then)
    }
  }
}

/// What became of one event.
struct Published: Sendable {
  /// Nil: it was not taken.
  var reply: PublishReply?
  var refusal: Refusal?

  init(_ result: Result<[UInt8], Refusal>) {
    switch result {
    case .success(let bytes):
      do throws(WireError) {
        reply = try PublishReply(decoding: bytes)
      } catch {
        refusal = Refusal(.internal, "intake's answer can't be read: \(error.refusal.message)")
      }
    case .failure(let refusal): self.refusal = refusal
    }
  }

  init(refusal: Refusal) { self.refusal = refusal }

  /// By an earlier try.
  init(reply: PublishReply) { self.reply = reply }
}
