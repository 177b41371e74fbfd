import Machinery
import Messages
import Tiers
import Wire

/// How what providers call back with reaches the rules, and how their word gets back: like a call, only when it is on disk.
extension Host {
  /// Whoever answered a page waits so long, by the world's clock, for the escalator's word. Slack gives three seconds in all.
  static var waitsForOutcome: Span { .seconds(2) }
  private static var looksAgainAfter: Int64 { 25 }

  /// Called from any thread.
  func routes(_ then: @escaping @Sendable ([ChannelRoute]) -> Void) {
    let box = Unowned(self)
    thread.post { then(box.value.tier.callbacks?.routes(box.value.engine.rules) ?? []) }
  }

  /// Called from any thread. nil: the rules can't be asked now.
  func hear(_ news: CallbackNews, _ then: @escaping @Sendable (AnswerWords?) -> Void) {
    let box = Unowned(self)
    thread.post {
      box.value.decide(news) { words in
        if case .answer = news, let words { box.value.count(words.taken ? .taken : .refused) }
        then(words)
      }
    }
  }

  /// Called from any thread: something came that nothing shows to be a provider's.
  func unproven() { count(.unproven) }

  private func count(_ outcome: CallbackOutcome) {
    let box = Unowned(self)
    thread.post { box.value.tallies.calledBack(outcome) }
  }

  private func decide(_ news: CallbackNews, _ then: @escaping @Sendable (AnswerWords?) -> Void) {
    guard let callbacks = tier.callbacks, disk != .full else { return then(nil) }
    let box = Unowned(self)
    let until = Self.elapsed + Self.waitsForOutcome
    engine.receive(
      callbacks.input(news), as: nil,
      ticket: .callback { result in
        guard case .success(let bytes) = result, let words = try? AnswerWords(decodingTrusted: bytes) else {
          return then(nil)
        }
        guard !words.answerId.isEmpty else { return then(words) }
        box.thread.post { box.value.tellOutcome(words, until: until, then) }
      }, at: clock.now(), encode: callbacks.answer)
    thread.post {}
  }

  /// The word of the peer that the answer was handed on to, as soon as it is on disk; or the rules' own, if that takes too long.
  private func tellOutcome(
    _ words: AnswerWords, until: Span, _ then: @escaping @Sendable (AnswerWords?) -> Void
  ) {
    if let outcome = tier.callbacks?.outcome(engine.rules, words.answerId) {
      engine.reply(
        .callback { then((try? $0.get()).flatMap { try? AnswerWords(decodingTrusted: $0) }) }, .success(outcome))
      return thread.post {}
    }
    guard Self.elapsed < until else { return then(words) }
    thread.after(milliseconds: Self.looksAgainAfter) { [unowned self] in tellOutcome(words, until: until, then) }
  }
}
