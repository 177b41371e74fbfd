import Messages

/// A call that arrived and waits for its answer.
public struct IncomingCall {
  /// What makes repeats of a call the same call, as the client chose it.
  public enum Token: Hashable, Sendable {
    case none
    case key([UInt8])
    case session([UInt8], sequence: UInt64, acknowledgedThrough: UInt64)
  }
  public var handle: CallHandle
  public var path: String
  public var payload: [UInt8]
  public var token: Token
  public var attempt: UInt32
  public var traceparent: [UInt8]
  /// Who calls, as the transport knows them.
  public var principal: Principal
  /// How the public key begins that it came in with; empty without keys.
  public var key: String
  /// The address of the other end.
  public var from: String
}

/// Which call of which peer; given back to answer it.
public struct CallHandle: Hashable, Sendable {
  /// The peer's routing id, and above its five bytes which door it came in by.
  let route: UInt64
  let callID: UInt64
}
