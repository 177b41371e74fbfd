import Machinery
import Messages
import Testing

/// Requirement I6: a tier that is lost is told of, neither too early nor for ever.
@Suite struct PeerWatchTests {
  private func watch() -> PeerWatch {
    PeerWatch([.escalator, .scheduler], lostAfter: .minutes(1), tellsAgainAfter: .minutes(10), at: .zero)
  }

  @Test func whoIsNeverReachedIsLostAfterAWhile() {
    var watch = watch()
    #expect(watch.reached(.scheduler) == .back(.scheduler, wasTold: false))
    #expect(watch.news(at: .seconds(59)) == [])
    #expect(watch.news(at: .seconds(61)) == [.lost(.escalator, for: .seconds(61))])
    #expect(watch.news(at: .seconds(62)) == [], "it is told once")
    #expect(watch.news(at: .seconds(661)) == [.lost(.escalator, for: .seconds(661))], "and again every ten minutes")
    #expect(watch.reached(.escalator) == .back(.escalator, wasTold: true))
    #expect(watch.reached(.escalator) == nil)
  }

  @Test func aRestartIsNoLoss() {
    var watch = watch()
    for peer in [Peer.escalator, .scheduler] { _ = watch.reached(peer) }
    for minute in 1...100 as ClosedRange<Int64> {
      watch.left(.escalator, at: .minutes(minute))
      #expect(watch.news(at: .minutes(minute) + .seconds(59)) == [])
      #expect(watch.reached(.escalator) == .back(.escalator, wasTold: false))
    }
  }

  @Test func leavingTwiceIsLeavingOnce() {
    var watch = watch()
    for peer in [Peer.escalator, .scheduler] { _ = watch.reached(peer) }
    watch.left(.scheduler, at: .seconds(10))
    watch.left(.scheduler, at: .seconds(40))
    #expect(watch.news(at: .seconds(70)) == [.lost(.scheduler, for: .minutes(1))])
  }

  @Test func whatNobodyHeardIsToldAgainSooner() {
    var watch = watch()
    _ = watch.reached(.scheduler)
    watch.wasNotHeard(.escalator, at: .seconds(5))
    #expect(watch.news(at: .seconds(6)) == [], "nothing was told yet")
    _ = watch.news(at: .seconds(60))
    watch.wasNotHeard(.escalator, at: .seconds(65))
    #expect(watch.news(at: .seconds(124)) == [])
    #expect(watch.news(at: .seconds(125)) == [.lost(.escalator, for: .seconds(125))])
  }
}
