extension CallServer {
  public struct Limits: Sendable {
    /// Calls of one peer that may be unanswered at once.
    public var inFlight = 8_192
    /// Calls of one principal, whatever it has connections, where keys are demanded.
    public var inFlightOfOne = 16_384
    /// Replies of one peer that may wait for it to read.
    public var waitingReplies = 16_384
    public var waitingBytes = 16 * 1_024 * 1_024
    /// Few enough that the callers have work while this server goes on, so many that sending pays.
    public var messagesPerTurn = 16
    public var streamIdle = Int64(30_000)

    public init() {}
  }
  /// What went wrong at the door, for health and tests.
  public struct Counters: Hashable, Sendable {
    public var requests: UInt64 = 0
    public var answers: UInt64 = 0
    public var malformed: UInt64 = 0
    public var refused: UInt64 = 0
    /// Answers that could not leave at once, because their peer doesn't read.
    public var waited: UInt64 = 0
    /// How often a peer had more unread than may wait, and its calls were ended.
    public var givenUp: UInt64 = 0
    public var lateAnswers: UInt64 = 0
    /// Requests whose caller had given up before this process read them.
    public var expired: UInt64 = 0
    /// Repeats that came just after their answer had left.
    public var answeredAgain: UInt64 = 0
    public var gone: UInt64 = 0
  }
}
