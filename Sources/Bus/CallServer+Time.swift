import Messages

/// What a server looks at once a second.
extension CallServer {
  func sweepLater() {
    thread.after(milliseconds: 1_000) { [weak self] in
      self?.sweep()
      self?.sweepLater()
    }
  }

  /// Calls past their deadline are forgotten (their client has given up); streams without credit for too long are ended.
  private func sweep() {
    let now = PollThread.now()
    for door in doors {
      door.monitor.drain()
      door.monitor.lookForRoom()
    }
    showOutUnwelcome(all: true)
    var over: [(call: CallHandle, isStream: Bool)] = []
    for (route, peer) in peers {
      // Also of whoever can't be shown out: a connection that isn't by TCP goes on.
      if let refusal = peer.pass?.objection(at: Admission.now, from: peer.from ?? "") { end(streamsOf: peer, refusal) }
      peer.lately.forgetOld(at: now)
      if peer.isIdle, peer.heardAt + Self.peerIdle < now {
        peers[route] = nil
        if lastPeer === peer { lastPeer = nil }
      }
      peer.calls.forEach { callID, open in
        let isOver =
          open.isStream
          ? open.credit == 0 && open.touched + UInt64(limits.streamIdle) * 1_000_000 < now
          : open.deadline + 1_000_000_000 < now
        if isOver { over.append((CallHandle(route: route, callID: callID), open.isStream)) }
      }
    }
    for (call, isStream) in over where close(call) {
      if isStream {
        tally(.credit)
        sendRefusal(call, Refusal(.resourceExhausted, "no credit was granted for \(limits.streamIdle) ms"))
      }
      onCancel(call)
    }
  }

  /// A stream asks for nothing more that would be refused.
  func end(streamsOf peer: ServerPeer, _ refusal: Refusal) {
    var streams: [CallHandle] = []
    peer.calls.forEach { callID, open in
      if open.isStream { streams.append(CallHandle(route: peer.route, callID: callID)) }
    }
    for call in streams where close(call) {
      tally(.key)
      sendRefusal(call, refusal)
      onCancel(call)
    }
  }
}
