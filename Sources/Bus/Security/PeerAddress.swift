import CZeroMQ

extension ServerPeer {
  private static let property: StaticString = "Peer-Address"

  /// From where it connects: looked at once, since a connection doesn't move.
  ///
  /// - Parameter frame: a message's last one. Of the first, the routing id, ZeroMQ 4.3.4 loses what it knows.
  func learnAddress(shownBy frame: UnsafeMutablePointer<zmq_msg_t>) {
    guard from == nil else { return }
    let name = UnsafeRawPointer(Self.property.utf8Start).assumingMemoryBound(to: CChar.self)
    from = zmq_msg_gets(frame, name).map { String(String(cString: $0).prefix(64)) } ?? ""
  }
}
