import Bus
import Testing

/// What a process reads after it stood still.
@Suite struct StallTests {
  private let second: UInt64 = 1_000_000_000

  /// Whether requests are passed over, each with its budget and when it is read, in seconds.
  private func expired(_ stall: inout Stall, _ requests: (budget: UInt64, at: Double)...) -> [Bool] {
    requests.map { stall.hasExpired($0.budget * second, at: UInt64($0.at * 1e9)) }
  }

  @Test func whatItsCallerHasGivenUpIsPassedOver() {
    var stall = Stall()
    stall.turned(at: 10 * second)
    // Stopped for five seconds; it takes a moment to read what lay there.
    let first = expired(&stall, (1, 15), (7, 15))
    stall.turned(at: 15 * second + 1)
    #expect(first == [true, false], "whose caller waits for longer waits still")
    let next = expired(&stall, (1, 15.5))
    stall.turned(at: 16 * second)
    let last = expired(&stall, (1, 16.5))
    #expect(next == [true] && last == [false])
  }

  @Test func aTurnOfTimersFirstHidesNoStall() {
    var stall = Stall()
    stall.turned(at: 10 * second)
    stall.turned(at: 15 * second)
    let found = expired(&stall, (1, 15.1))
    #expect(found == [true])
  }

  @Test func aThreadThatTurnsTakesEverything() {
    var stall = Stall()
    let begun = expired(&stall, (0, 1))
    for turn in 1...20 { stall.turned(at: UInt64(turn) * second) }
    let later = expired(&stall, (0, 21))
    #expect(begun == [false] && later == [false])
  }
}
