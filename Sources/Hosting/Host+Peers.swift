import Bus
import Machinery
import Messages
import Wire

/// The tiers watch each other (requirement I6): a peer that can't be reached for a minute, or doesn't serve, is lost: its disk is
/// full, or it rests after it has failed too often. This tier's rules make of it what they can (an alert, an incident), and the
/// fallback webhook hears of it in any case.
extension Host {
  func connection(_ peer: Peer, isUp: Bool) {
    log.info("\(peer) is \(isUp ? "connected" : "disconnected")")
    let now = clock.now()
    guard isUp else {
      engine.peerLeft(peer)
      return peerWatch.left(peer, at: Self.elapsed)
    }
    engine.peerReturned(peer, at: now)
    askWhetherItServes(peer)
  }

  /// Called once a second.
  func watchPeers() {
    for news in peerWatch.news(at: Self.elapsed) { hear(news, at: clock.now()) }
    guard Self.elapsed >= peersAskedAt + peerWatch.asksEvery else { return }
    peersAskedAt = Self.elapsed
    for peer in clients.keys where isReachable(peer) { askWhetherItServes(peer) }
  }

  private func askWhetherItServes(_ peer: Peer) {
    let timeout = max(.seconds(1), min(.seconds(5), peerWatch.asksEvery))
    let request = HealthRequest().encoded()
    let asked = clock.now()
    clients[peer]?.call(HealthMethods.check.path, request, timeout: timeout, identity: .content) { [unowned self] in
      let health = if case .success(let bytes) = $0 { try? HealthReply(decoding: bytes) } else { HealthReply?.none }
      if let health, health.nowAt.isSet {
        // Half of the way there and back has passed since the peer looked at its clock.
        let now = clock.now()
        tallies.clockOffsets[peer] = health.nowAt - (asked + .milliseconds((now - asked).milliseconds / 2))
      }
      guard health?.status == .serving, isMeant(peer, health) else { return peerWatch.left(peer, at: Self.elapsed) }
      if let news = peerWatch.reached(peer) { hear(news, at: clock.now()) }
    }
  }

  /// Whether it is the intake that its place in the list says. Of two with one number each gives ids that the other gives too, and
  /// alerts would be taken for others: better that it counts as lost, which pages.
  private func isMeant(_ peer: Peer, _ health: HealthReply?) -> Bool {
    let isOneOfSeveral = clients.keys.count { $0.intakeNumber != nil } > 1
    guard let number = peer.intakeNumber, let said = health?.intake, said != (isOneOfSeveral ? number : 0) else {
      return true
    }
    guard isOneOfSeveral || said != number else { return true }
    log.critical(
      "\(peer.tierName) says that it is \(said == 0 ? "the only intake" : "intake \(said)"): its --intake-number and its place in the --intake list of \(tier.name) differ"
    )
    return false
  }

  static var elapsed: Span { .milliseconds(Int64(PollThread.now() / 1_000_000)) }

  private func hear(_ news: PeerWatch.News, at now: Instant) {
    switch news {
    case .lost(let peer, let span):
      let words =
        "\(peer.tierName) can't be reached from \(tier.name), or doesn't serve, for \(span.milliseconds / 1_000) s"
      log.critical("\(words)")
      tell(peer, isLost: true, words, at: now)
      callFallback(peer, "lost", words, at: now)
    case .back(let peer, let wasTold):
      let words = "\(peer.tierName) is reached again from \(tier.name)"
      // Whoever ran here before may have told of the loss.
      tell(peer, isLost: false, words, at: now)
      if wasTold { callFallback(peer, "back", words, at: now) }
    }
  }

  private func tell(_ peer: Peer, isLost: Bool, _ words: String, at now: Instant) {
    guard let input = tier.lost?(peer, isLost, words) else { return }
    engine.receive(input, as: nil, ticket: .nobody, at: now, encode: { _ in [] })
    thread.post {}
  }

  private func callFallback(_ peer: Peer, _ event: String, _ words: String, at now: Instant) {
    guard let fallback else { return }
    let box = Unowned(self)
    fallback.post(tier: tier.name, peer: peer.tierName, event: event, text: "Tocsin: \(words)", at: now) { failure in
      guard let failure else { return }
      box.thread.post {
        box.value.log.error("the fallback webhook did not take that \(peer) is \(event): \(failure)")
        if event == "lost" { box.value.peerWatch.wasNotHeard(peer, at: Self.elapsed) }
      }
    }
  }
}
