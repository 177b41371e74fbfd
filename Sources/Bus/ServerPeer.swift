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
  /// A message of its connection came, and its door knows.
  var hasSpoken = false
  /// Its connection has ended; what it had sent may still come.
  private(set) var isGone = false
  /// What its principal has in flight, over all connections.
  var share: PrincipalShare?
  /// The other end's address; nil: not looked at yet.
  var from: String?
  var lately = AnsweredLately()
  var unread = UnreadAnswers()

  init(route: UInt64, by door: ServerDoor) {
    self.route = route
    socket = door.socket
    payloadBytes = door.door.payloadBytes
  }

  /// Its connection is no more: whoever has its routing id next comes by another.
  func hasEnded() {
    isGone = true
    hasSpoken = false
    from = nil
  }

  /// Nothing would be lost if it were forgotten: the next message brings it back.
  var isIdle: Bool { calls.count == 0 && unread.isEmpty && lately.isEmpty }
}
