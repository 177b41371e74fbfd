import DequeModule

/// What a server knows of one connection.
final class ServerPeer {
  struct Call {
    var deadline: UInt64
    var credit: UInt32
    var sequence: UInt64 = 0
    var isStream: Bool
    /// When it came, or when its stream last moved.
    var touched: UInt64
    /// Of whoever asked, where keys are demanded.
    var share: PrincipalShare?
  }
  let route: UInt64
  /// Of the door that it came in by.
  let socket: Socket
  let payloadBytes: Int
  /// When a request last came.
  var heardAt: UInt64 = 0
  var calls = IDTable<Call>()
  /// Who it is, where keys are demanded.
  var pass: KeyPass?
  /// What its principal has in flight, over all connections.
  var share: PrincipalShare?
  /// The other end's address; nil: not looked at yet.
  var from: String?
  var lately = AnsweredLately()
  /// Replies that wait for it to read.
  var waiting: Deque<(header: [UInt8], payload: [UInt8])> = []
  var waitingBytes = 0

  init(route: UInt64, by door: ServerDoor) {
    self.route = route
    socket = door.socket
    payloadBytes = door.door.payloadBytes
  }

  /// Nothing would be lost if it were forgotten: the next message brings it back.
  var isIdle: Bool { calls.count == 0 && waiting.isEmpty && lately.isEmpty }
}
