import Machinery
import Messages
import Testing

/// Requirement I5: who floods is told when to come back, and nobody else notices.
@Suite struct RateLimiterTests {
  private var limiter = RateLimiter()

  private func take(_ limiter: inout RateLimiter, _ source: String = "prometheus", at now: Span) -> Span? {
    limiter.take(source, perSecond: 10, burst: 20, at: now)
  }

  @Test func aBurstPassesAndThenTheRateHolds() {
    var limiter = RateLimiter()
    for _ in 1...20 { #expect(take(&limiter, at: .seconds(5)) == nil) }
    #expect(take(&limiter, at: .seconds(5)) == .milliseconds(100))
    var taken = 0
    for tenth in 1...100 where take(&limiter, at: .seconds(5) + .milliseconds(100) * Int64(tenth)) == nil { taken += 1 }
    #expect(taken == 100, "one each tenth of a second")
  }

  @Test func eachOfMoreIsToldToComeWhenItsTurnIs() {
    var limiter = RateLimiter()
    for _ in 1...20 { _ = take(&limiter, at: .zero) }
    #expect(
      (1...3).map { _ in take(&limiter, at: .zero) } == [.milliseconds(100), .milliseconds(200), .milliseconds(300)])
    for _ in 1...5_000 { _ = take(&limiter, at: .zero) }
    #expect(take(&limiter, at: .zero) == .minutes(1), "nobody is sent away for longer")
    #expect(take(&limiter, at: .minutes(20)) == nil)
    for _ in 1...100_000 { _ = take(&limiter, at: .minutes(20)) }
    for _ in 1...21 { _ = take(&limiter, at: .minutes(22)) }
    #expect(take(&limiter, at: .minutes(22)) == .milliseconds(200), "what a flood was told is forgotten with it")
  }

  @Test func anotherSourceHasABucketOfItsOwn() {
    var limiter = RateLimiter()
    for _ in 1...30 { _ = take(&limiter, at: .zero) }
    #expect(take(&limiter, "grafana", at: .zero) == nil)
  }

  @Test func aPauseFillsTheBucketAndNoMore() {
    var limiter = RateLimiter()
    for _ in 1...30 { _ = take(&limiter, at: .zero) }
    #expect((1...30).filter { _ in take(&limiter, at: .hours(1)) == nil }.count == 20)
  }

  @Test func memoryIsBoundedWhateverNamesAreInvented() {
    var limiter = RateLimiter()
    var taken = 0
    for number in 1...50_000 where take(&limiter, "source-\(number)", at: .zero) == nil { taken += 1 }
    #expect(limiter.count <= 10_001)
    #expect(taken == 10_000 + 20)
    #expect(take(&limiter, "prometheus", at: .seconds(10)) == nil, "buckets that are full again make room")
  }

  @Test func aClockThatStandsOrGoesBackGivesNothing() {
    var limiter = RateLimiter()
    for _ in 1...20 { _ = take(&limiter, at: .seconds(9)) }
    #expect(take(&limiter, at: .seconds(3)) != nil)
    #expect(take(&limiter, at: .seconds(9)) != nil)
  }
}
