import Messages
import Synchronization

/// The latest answer to one question that anybody may ask: asked again only when it has grown old, and once, however many ask
/// meanwhile, so that a crowd costs a tier one call in that time, also while the tier doesn't answer.
final class Kept<Value: Sendable>: Sendable {
  struct Answer: Sendable {
    var value: Value
    /// When it was given.
    var at: Instant
  }
  /// The latest answer there was, and why it isn't a new one.
  typealias Then = @Sendable (Answer?, Refusal?) -> Void
  /// A tier that is gone is asked again so much later at the latest, whatever is kept for how long.
  private static var goneForAtMost: UInt64 { 5_000_000_000 }
  typealias Ask = @Sendable (@escaping @Sendable (Result<Value, Refusal>) -> Void) -> Void

  private enum Turn { case known(Answer?, Refusal?), wait, ask }
  private struct State {
    var latest: Answer?
    var refusal: Refusal?
    /// CLOCK_MONOTONIC, nanoseconds; whatever was learnt counts until then.
    var goodUntil: UInt64 = 0
    var isAsking = false
    var waiting: [Then] = []
  }
  private let state = Mutex(State())
  private let goodForNanoseconds: UInt64
  private let now: @Sendable () -> UInt64
  private let ask: Ask

  /// - Parameter ask: must call back exactly once.
  init(goodFor span: Span, now: @escaping @Sendable () -> UInt64 = { Tally.now() }, ask: @escaping Ask) {
    goodForNanoseconds = UInt64(span.milliseconds) * 1_000_000
    self.now = now
    self.ask = ask
  }

  func get(_ then: @escaping Then) {
    let turn = state.withLock { state -> Turn in
      guard now() >= state.goodUntil else { return .known(state.latest, state.refusal) }
      state.waiting.append(then)
      guard !state.isAsking else { return .wait }
      state.isAsking = true
      return .ask
    }
    switch turn {
    case .known(let answer, let refusal): then(answer, refusal)
    case .wait: break
    case .ask: ask { [self] in learn($0) }
    }
  }

  private func learn(_ result: Result<Value, Refusal>) {
    let (waiting, answer, refusal) = state.withLock { state in
      switch result {
      case .success(let value):
        (state.latest, state.refusal) = (Answer(value: value, at: WallClock.now()), nil)
        state.goodUntil = now() + goodForNanoseconds
      case .failure(let refusal):
        state.refusal = refusal
        state.goodUntil = now() + min(goodForNanoseconds, Self.goneForAtMost)
      }
      state.isAsking = false
      defer { state.waiting = [] }
      return (state.waiting, state.latest, state.refusal)
    }
    for then in waiting { then(answer, refusal) }
  }
}
