import DequeModule
import Messages

/// The answers that callers may still ask for again, so that a repeat of a call has no second effect.
///
/// Bounded, and honest about what it forgot: a repeat of a key whose answer may be forgotten is refused instead of being
/// taken for new. A first attempt never is within a day, whatever the clocks say: a call that comes twice is better than an
/// alert that is lost. A session says up to which number it has its answers.
public struct AnsweredCalls: Sendable {
  /// How long a key can be repeated, as long as there are no more than `keysAtMost`.
  public static let horizon = Span.hours(24)
  /// How long beyond that an answer is kept: callers' clocks differ from ours, and a key from the future is taken (refusing
  /// an alert because a clock is wrong would lose it).
  public static let tolerance = Span.hours(24)
  /// Beyond this the oldest answers are forgotten early; heavy callers use sessions.
  public static let keysAtMost = 500_000
  /// Answers of one session that it has not acknowledged.
  public static let unacknowledgedAtMost = 65_536

  public enum Verdict: Sendable {
    case new
    case answeredBefore(Answered)
    case refused(Refusal)
  }

  fileprivate struct SessionName: Hashable, Sendable {
    var principal: String
    var session: [UInt8]
  }
  fileprivate struct Session: Sendable {
    var answers: [UInt64: Answered] = [:]
    var acknowledgedThrough: UInt64 = 0
    var usedAt = Instant.unset
  }
  private var keyed = SplitDictionary<CallKey, KeyedAnswer>()
  private var keysInOrder: Deque<CallKey> = []
  private var principals = PrincipalNumbers()
  private var sessions: [SessionName: Session] = [:]
  /// Answers to keys that were made up to this instant may be forgotten.
  public private(set) var forgottenThrough = Instant.unset
  /// Idle sessions are looked for when there are so many: seldom enough to cost O(1) a session.
  private var sweepAt = 1_024

  public init() {}

  public var count: Int { keyed.count + sessions.values.reduce(0) { $0 + $1.answers.count } }

  /// Whether this call is new, a repeat, or must not be carried out.
  public func verdict(on call: CallIdentity, at now: Instant) -> Verdict {
    let found: Answered?
    switch call.token {
    case .key(let key):
      guard let madeAt = call.keyMadeAt else {
        return .refused(.invalid("idempotency_key", "must be 16 bytes, a UUIDv7"))
      }
      found = keyedAnswer(principal: call.principal, key: key)
      if found == nil, madeAt <= forgottenThrough, call.isRepeat || madeAt + Self.horizon < now {
        return .refused(
          .invalid("idempotency_key", "is so old that whether it was answered is forgotten: look, then use a new key"))
      }
    case .session(let id, let sequence, _):
      guard id.count == 16, sequence > 0 else {
        return .refused(.invalid("session", "must be 16 bytes, with a sequence from 1"))
      }
      let session = sessions[SessionName(principal: call.principal, session: id)]
      found = session?.answers[sequence]
      if found == nil, let session, sequence <= session.acknowledgedThrough {
        return .refused(Refusal(.outOfRange, "the session has acknowledged this answer already", field: "sequence"))
      }
      if found == nil, session?.answers.count ?? 0 >= Self.unacknowledgedAtMost {
        return .refused(
          Refusal(
            .resourceExhausted, "\(Self.unacknowledgedAtMost) answers of this session are not acknowledged",
            field: "acknowledged_through", retryAfter: .seconds(1)))
      }
    }
    guard let found else { return .new }
    guard found.requestHash == call.requestHash else {
      return .refused(
        Refusal(.alreadyExists, "the same key was used for another request", field: "idempotency_key"))
    }
    return .answeredBefore(found)
  }

  /// Remember an answer, and forget what nobody can ask for any more.
  public mutating func remember(_ answer: Answered, at now: Instant) {
    if answer.session.isEmpty {
      guard let key = SixteenBytes(answer.key) else { return }
      let call = CallKey(key: key, principal: principals.number(of: answer.principal))
      if keyed.updateValue(KeyedAnswer(answer), forKey: call) == nil { keysInOrder.append(call) }
      forgetOldKeys(at: now)
    } else {
      let call = SessionName(principal: answer.principal, session: answer.session)
      if sessions[call] == nil { forgetIdleSessions(at: now) }
      sessions[call, default: Session()].remember(answer, at: now)
    }
  }

  /// The wall clock jumped: how long ago an answer was given is elapsed time. Otherwise one jump of days would forget all
  /// answers, and the repeat of a call would be taken for a new one when the clock is back.
  mutating func clockStepped(by span: Span) {
    keyed.updateAll { _, answer in answer.answeredAt = answer.answeredAt + span }
    for (id, session) in sessions {
      sessions[id]?.usedAt = session.usedAt + span
      for (number, answer) in session.answers { sessions[id]?.answers[number]?.answeredAt = answer.answeredAt + span }
    }
  }

  /// Everything that can still be asked for, oldest first.
  public var all: [Answered] {
    keysInOrder.compactMap { call in keyed[call].map { $0.whole(call, principals) } }
      + sessions.values.flatMap { $0.answers.values.sorted { $0.sequence < $1.sequence } }
  }

  /// An earlier process had forgotten so much.
  public mutating func forgot(through instant: Instant) {
    forgottenThrough = max(forgottenThrough, instant)
  }

  private func keyedAnswer(principal: String, key: [UInt8]) -> Answered? {
    guard let number = principals.known(principal), let key = SixteenBytes(key) else { return nil }
    let call = CallKey(key: key, principal: number)
    return keyed[call]?.whole(call, principals)
  }

  private mutating func forgetOldKeys(at now: Instant) {
    while let oldest = keysInOrder.first, let answer = keyed[oldest],
      keyed.count > Self.keysAtMost || answer.answeredAt + Self.horizon + Self.tolerance < now
    {
      keyed[oldest] = nil
      keysInOrder.removeFirst()
      let madeAt = CallIdentity.instant(inKey: oldest.key.bytes) ?? .unset
      forgottenThrough = max(forgottenThrough, min(madeAt, answer.answeredAt))
    }
  }

  private mutating func forgetIdleSessions(at now: Instant) {
    guard sessions.count >= sweepAt else { return }
    sessions = sessions.filter { $0.value.usedAt + Self.horizon > now }
    sweepAt = max(1_024, 2 * sessions.count)
  }
}

extension AnsweredCalls.Session {
  fileprivate mutating func remember(_ answer: Answered, at now: Instant) {
    usedAt = now
    answers[answer.sequence] = answer
    if answer.acknowledgedThrough > acknowledgedThrough {
      if answer.acknowledgedThrough - acknowledgedThrough < UInt64(answers.count) {
        for number in acknowledgedThrough + 1...answer.acknowledgedThrough { answers[number] = nil }
      } else {
        answers = answers.filter { $0.key > answer.acknowledgedThrough }
      }
      acknowledgedThrough = answer.acknowledgedThrough
    }
  }
}
