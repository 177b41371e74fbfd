import DequeModule

/// The answers that a client had to wait for, kept a few seconds: a repeat of such a call may be on its way while its
/// answer is, and gets the same answer instead of being carried out again.
///
/// A call that is answered at once can't have been repeated, so nearly all calls never get here. Past these bounds, what
/// keeps a repeat from having a second effect is its idempotency key.
struct AnsweredLately {
  private struct Answer {
    var callID: UInt64
    var payload: [UInt8]
    var at: UInt64
  }
  /// A client that repeats sooner is none of ours (`CallClient.Limits.firstTry` is 1 s).
  static let waited: UInt64 = 20_000_000
  static let keeps: UInt64 = 5_000_000_000
  static let most = 256
  static let mostBytes = 256 * 1_024
  private var answers: Deque<Answer> = []
  private var bytes = 0

  var isEmpty: Bool { answers.isEmpty }

  mutating func remember(_ callID: UInt64, _ payload: [UInt8], at now: UInt64) {
    guard payload.count <= Self.mostBytes else { return }
    answers.append(Answer(callID: callID, payload: payload, at: now))
    bytes += payload.count
    while answers.count > Self.most || bytes > Self.mostBytes { forgetOldest() }
  }

  func answer(of callID: UInt64) -> [UInt8]? {
    answers.last { $0.callID == callID }?.payload
  }

  mutating func forgetOld(at now: UInt64) {
    while let first = answers.first, first.at + Self.keeps < now { forgetOldest() }
  }

  private mutating func forgetOldest() {
    bytes -= answers.removeFirst().payload.count
  }
}
