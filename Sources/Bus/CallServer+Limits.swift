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
    /// What the server itself refused, before whoever answers calls has heard of it.
    public var refused: [Ground: UInt64] = [:]
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

  /// Why a server refuses something by itself. Few, so that monitoring can show each.
  public enum Ground: String, CaseIterable, Sendable {
    /// No message of this protocol.
    case malformed
    case version
    /// The key is good no more, on a connection that it has opened.
    case key
    /// There is no such method.
    case method
    /// It isn't called at this socket.
    case door
    case timeout
    case size
    case checksum
    /// The number of a call that isn't answered yet.
    case callID = "call_id"
    /// One connection has as many calls unanswered as it may.
    case connection
    /// One principal has, over all its connections.
    case principal
    /// A stream was granted no credit for too long.
    case credit
    case stopping
  }
}
