import Bus
import Machinery
import Messages

/// The tiers watch each other (requirement I6): a peer that can't be reached for a minute is lost. This tier's rules make of it
/// what they can (an alert, an incident), and the fallback webhook hears of it in any case.
extension Host {
  func connection(_ peer: Peer, isUp: Bool) {
    log.info("\(peer) is \(isUp ? "connected" : "disconnected")")
    let now = clock.now()
    guard isUp else {
      engine.peerLeft(peer)
      return peerWatch.left(peer, at: Self.elapsed)
    }
    engine.peerReturned(peer, at: now)
    if let news = peerWatch.reached(peer) { hear(news, at: now) }
  }

  /// Called once a second.
  func watchPeers() {
    for news in peerWatch.news(at: Self.elapsed) { hear(news, at: clock.now()) }
  }

  static var elapsed: Span { .milliseconds(Int64(PollThread.now() / 1_000_000)) }

  private func hear(_ news: PeerWatch.News, at now: Instant) {
    switch news {
    case .lost(let peer, let span):
      let words = "\(peer.tierName) can't be reached from \(tier.name) for \(span.milliseconds / 1_000) s"
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

extension Peer {
  /// As its program is called.
  fileprivate var tierName: String { self == .intake ? "alert-intake" : rawValue }
}
