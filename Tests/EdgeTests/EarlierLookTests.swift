import Messages
import Serving
import Testing

@testable import Relaying

/// Of two threads the one that looked at the clock first may come second: that once ended the gateway.
@Suite struct EarlierLookTests {
  @Test func whoComesSecondWithAnEarlierTimeIsNoNews() {
    let tally = Tally()
    let minute: UInt64 = 60_000_000_000
    #expect(tally.isNews("crowded", at: 10 * minute))
    #expect(!tally.isNews("crowded", at: 10 * minute - 1))
    #expect(tally.isNews("crowded", at: 11 * minute))
  }

  @Test func aRequestOfALaterTimeIsNotOver() {
    let unfinished = Unfinished()
    let request = RequestDigest(of: WebRequest(WebHead("POST", "/events"), body: [1]))
    let first = unfinished.begin(request, at: 2_000)
    unfinished.end(request, first, isDone: false, taken: [0: PublishReply(alertId: "a")], at: 2_000)
    #expect(unfinished.begin(request, at: 1_000).taken == [0: PublishReply(alertId: "a")])
  }
}
