import Machinery
import Messages
import Testing

/// How an engine pays what its rules owe.
@Suite struct PaymentTests {
  @Test func nothingLeavesBeforeItsCauseIsOnDisk() {
    var runner = ErrandRunner()
    let ticket = runner.receive(.run("a", urgency: 1))
    runner.decideOnly()
    runner.engine.takePayments { _ in Issue.record("a payment left before its row was durable") }
    runner.engine.takeReplies { _ in Issue.record("a reply left before its row was durable") }
    runner.flush()
    #expect(runner.underWay == ["a"])
    #expect((try? runner.replies[ticket]?.get()) == Array("a".utf8))
  }

  @Test func theMostUrgentGoesFirstAndTheOldestWithinAnUrgency() {
    var runner = ErrandRunner(window: 3)
    for (id, urgency) in [("late", 3), ("b", 1), ("c", 1), ("now", 0)] { runner.receive(.run(id, urgency: urgency)) }
    runner.turn()
    #expect(runner.underWay == ["now", "b", "c"])
    runner.answer("b", .ok)
    runner.turn()
    #expect(runner.underWay == ["now", "c", "late"])
  }

  /// Rules may keep what was settled for another reason: what is owed, the queue says.
  @Test func whatTheQueueOwesNoMoreIsNotTriedAgain() {
    var runner = ErrandRunner(keepsErrands: true)
    runner.receive(.run("a", urgency: 1))
    runner.turn()
    runner.answer("a", .ok)
    runner.turn()
    #expect(runner.engine.rules.done == ["a": .ok] && runner.engine.rules.generations == ["a": 1])
    #expect(runner.engine.nextRetry == nil)
    runner.now = runner.now + .minutes(1)
    runner.turn()
    #expect(runner.underWay == [])
  }

  @Test func aFailedPaymentIsTriedAgainLaterAndHoldsNobodyUp() {
    var runner = ErrandRunner(window: 1)
    runner.receive(.run("a", urgency: 1))
    runner.receive(.run("b", urgency: 1))
    runner.turn()
    runner.answer("a", .unavailable)
    runner.turn()
    #expect(runner.underWay == ["b"])
    runner.answer("b", .ok)
    runner.turn()
    #expect(runner.underWay == [])
    #expect(runner.engine.nextRetry == runner.now + .milliseconds(100))
    runner.now = runner.now + .milliseconds(100)
    runner.turn()
    #expect(runner.underWay == ["a"])
    #expect(runner.wire.map(\.attempt) == [1])
  }

  /// The notifier is down for long enough that hundreds of lesser debts have been tried: an urgent one still goes first.
  @Test func aBacklogOfLesserDebtsNeverKeepsAnUrgentOneBack() {
    var runner = ErrandRunner(window: 4)
    for number in 0..<3_000 { runner.receive(.run("\(number)", urgency: number < 1_000 ? 3 : 2)) }
    for _ in 0..<3_000 {
      runner.turn()
      runner.answerAll(.unavailable)
      runner.now = runner.now + .milliseconds(10)
    }
    runner.turn()
    runner.receive(.run("now", urgency: 1))
    runner.answerAll(.unavailable)
    runner.turn()
    #expect(runner.underWay.contains("now"))
    for _ in 0..<2_000 where runner.engine.rules.openCount > 0 {
      runner.answerAll(.ok)
      runner.now = runner.now + .seconds(5)
      runner.turn()
    }
    #expect(runner.engine.rules.openCount == 0)
    #expect(runner.engine.rules.done.values.allSatisfy { $0 == .ok })
  }

  @Test func aDebtThatVanishedIsNotTriedAgainAndWakesNobody() {
    var runner = ErrandRunner()
    runner.receive(.run("a", urgency: 1))
    runner.turn()
    runner.receive(.drop("a"))
    runner.answer("a", .deadlineExceeded)
    runner.turn()
    runner.now = runner.now + .seconds(10)
    runner.turn()
    #expect(runner.underWay == [])
    #expect(runner.engine.nextRetry == nil)
  }

  @Test func aNewStateOfADebtOvertakesTheOneThatIsUnderWay() {
    var runner = ErrandRunner()
    runner.receive(.run("a", urgency: 1))
    runner.turn()
    runner.receive(.change("a"))
    runner.turn()
    #expect(runner.wire.map(\.debt.key.generation) == [1, 2])
    runner.answer("a", .unavailable)
    runner.turn()
    #expect(runner.engine.nextRetry == nil)
    runner.answer("a", .ok)
    runner.turn()
    #expect(runner.engine.rules.openCount == 0)
  }

  @Test func aClockThatStepsBackDoesNotStallARetry() {
    var runner = ErrandRunner()
    runner.receive(.run("a", urgency: 1))
    runner.turn()
    runner.answer("a", .unavailable)
    runner.turn()
    runner.now = runner.now - .hours(1)
    runner.engine.clockStepped(by: .zero - .hours(1), at: runner.now)
    runner.now = runner.now + .milliseconds(100)
    runner.turn()
    #expect(runner.underWay == ["a"])
  }

  @Test(arguments: [Status.unimplemented, .unauthenticated, .permissionDenied, .dataLoss])
  func whatAnUpgradeOrAKeyWillMendStaysOwed(_ status: Status) {
    var runner = ErrandRunner()
    runner.receive(.run("a", urgency: 1))
    runner.turn()
    runner.answer("a", status)
    runner.turn()
    #expect(runner.engine.rules.openCount == 1)
    runner.now = runner.now + .seconds(30)
    runner.turn()
    #expect(runner.underWay == ["a"])
  }

  @Test func aFinalRefusalIsAFactForTheRules() {
    var runner = ErrandRunner()
    runner.receive(.run("a", urgency: 1))
    runner.turn()
    runner.answer("a", .invalidArgument)
    runner.turn()
    #expect(runner.engine.rules.done == ["a": .invalidArgument])
    #expect(runner.engine.nextRetry == nil)
  }

  @Test func onlyAFewPaymentsTryAPeerThatIsOutOfReach() {
    var runner = ErrandRunner(window: 100)
    runner.engine.peerLeft(.escalator)
    for number in 0..<50 { runner.receive(.run("\(number)", urgency: 3)) }
    runner.turn()
    #expect(runner.underWay.count == 8)
    runner.receive(.run("now", urgency: 0))
    runner.answerAll(.unavailable)
    runner.turn()
    runner.engine.peerReturned(.escalator, at: runner.now)
    runner.turn()
    #expect(runner.underWay.count == 51)
    #expect(runner.underWay.contains("now"))
  }

  @Test func aPeerThatAsksToBeLeftAloneIs() {
    var runner = ErrandRunner()
    runner.receive(.run("a", urgency: 1))
    runner.turn()
    runner.answer("a", .resourceExhausted, retryAfter: .seconds(20))
    runner.turn()
    #expect(runner.engine.nextRetry == runner.now + .seconds(20))
  }
}
