import Messages
import Synchronization
import Testing

@testable import Relaying

/// Several intakes behind one address list: what becomes of an event when one of them is gone, hangs, or refuses.
@Suite struct AnyIntakeTests {
  /// Intakes that do as they are told, and a clock that goes on when one of them keeps its callers waiting.
  private final class Intakes: Sendable {
    enum Behaviour: Sendable {
      case takes, hangs
      case refuses(Refusal)
    }
    private struct State {
      var behaviours: [Behaviour]
      var areUp: [Bool]
      var now: UInt64 = 1
      var asked: [(place: Int, count: Int, timeout: Span)] = []
    }
    private let state: Mutex<State>
    let count: Int

    init(_ behaviours: Behaviour...) {
      count = behaviours.count
      state = Mutex(State(behaviours: behaviours, areUp: behaviours.map { _ in true }))
    }

    func become(_ behaviour: Behaviour, at place: Int) { state.withLock { $0.behaviours[place] = behaviour } }
    func cut(_ place: Int) { state.withLock { $0.areUp[place] = false } }

    var asked: [Int] { state.withLock { $0.asked.map(\.place) } }
    var counts: [Int] { state.withLock { $0.asked.map(\.count) } }
    var timeouts: [Span] { state.withLock { $0.asked.map(\.timeout) } }
    /// In milliseconds, since the beginning.
    var elapsed: UInt64 { state.withLock { $0.now / 1_000_000 } }

    var list: AnyIntake {
      AnyIntake(
        (0..<count).map { place in
          AnyIntake.Line(
            call: { [self] in answer(place, $1, $2, $3) }, isUp: { [self] in state.withLock { $0.areUp[place] } })
        }, now: { [self] in state.withLock { $0.now } })
    }

    private func answer(_ place: Int, _ payloads: [[UInt8]], _ timeout: Span, _ then: Publisher.Then) {
      let result: Result<[UInt8], Refusal> = state.withLock { state in
        state.asked.append((place, payloads.count, timeout))
        switch state.behaviours[place] {
        case .takes: return .success([UInt8(place)])
        case .refuses(let refusal): return .failure(refusal)
        case .hangs:
          state.now += UInt64(timeout.milliseconds) * 1_000_000
          return .failure(Refusal(.deadlineExceeded, "no answer"))
        }
      }
      then(payloads.map { _ in result })
    }
  }

  private func publish(_ count: Int = 1, at list: AnyIntake) -> [Result<[UInt8], Refusal>] {
    let told = Mutex<[Result<[UInt8], Refusal>]>([])
    list.call("publish", (0..<count).map { _ in [1] }, .seconds(7)) { results in told.withLock { $0 = results } }
    return told.withLock { $0 }
  }

  private func taken(_ results: [Result<[UInt8], Refusal>]) -> [UInt8] { results.compactMap { try? $0.get().first } }
  private func refusal(_ results: [Result<[UInt8], Refusal>]) -> Refusal? {
    if case .failure(let refusal)? = results.first { refusal } else { nil }
  }
  private let rate = Refusal(.resourceExhausted, "too much", field: "source", retryAfter: .seconds(1))
  private let full = Refusal(.resourceExhausted, "the disk is nearly full", retryAfter: .seconds(5))

  @Test func whatHangsDelaysAnEventByLessThanTwoSecondsAndTheNextNotAtAll() {
    let intakes = Intakes(.hangs, .takes)
    let list = intakes.list
    #expect(taken(publish(at: list)) == [1])
    #expect(intakes.elapsed < 2_000)
    #expect(taken(publish(at: list)) == [1])
    #expect(intakes.asked == [0, 1, 1], "the one that answered last is asked first")
  }

  @Test func ofFourTheLastIsReachedWithinTwoSecondsToo() {
    let intakes = Intakes(.hangs, .hangs, .hangs, .takes)
    #expect(taken(publish(at: intakes.list)) == [3])
    #expect(intakes.elapsed < 2_000)
  }

  @Test func oneWhoseConnectionIsGoneIsNotWaitedFor() {
    let intakes = Intakes(.hangs, .takes)
    intakes.cut(0)
    #expect(taken(publish(at: intakes.list)) == [1])
    #expect(intakes.asked == [1])
  }

  @Test func theOnlyOneThatCanBeReachedHasMoreTimeEachTimeUntilAnotherIsBack() {
    let intakes = Intakes(.hangs, .hangs)
    intakes.cut(1)
    _ = publish(at: intakes.list)
    #expect(intakes.asked.allSatisfy { $0 == 0 })
    #expect(intakes.timeouts.prefix(3) == [.milliseconds(950), .milliseconds(1_900), .milliseconds(3_800)])
  }

  @Test func whatIsWrongForGoodIsTriedNowhereElse() {
    let intakes = Intakes(.refuses(.invalid("summary", "no")), .takes)
    #expect(refusal(publish(at: intakes.list))?.status == .invalidArgument)
    #expect(intakes.asked == [0])
  }

  @Test func aSourceThatSendsTooMuchGetsNoMoreThroughByTheOther() {
    let intakes = Intakes(.refuses(rate), .takes)
    #expect(refusal(publish(at: intakes.list))?.isThrottle == true)
    #expect(intakes.asked == [0, 0])
  }

  @Test func aFullDiskOrAKeyThatIsNotKnownThereIsNoReasonToWait() {
    for reason in [full, Refusal(.unauthenticated, "this key is not let in"), Refusal(.unavailable, "is stopping")] {
      let intakes = Intakes(.refuses(reason), .takes)
      #expect(taken(publish(at: intakes.list)) == [1], "\(reason)")
    }
  }

  @Test func whatAllRefuseIsRefusedAtOnce() {
    let intakes = Intakes(.refuses(full), .refuses(full))
    #expect(refusal(publish(at: intakes.list)) == full)
    #expect(intakes.asked == [0, 1])
  }

  @Test func oneThatHangsIsTriedAgainAsLongAsThereIsTime() {
    let intakes = Intakes(.hangs, .hangs)
    #expect(refusal(publish(at: intakes.list))?.status == .deadlineExceeded)
    #expect((6_900...7_100).contains(intakes.elapsed))
    #expect(Set(intakes.asked) == [0, 1])
  }

  @Test func aLargeWebhookGoesInPartsEachWithPatienceOfItsOwn() {
    let intakes = Intakes(.takes, .takes)
    let all = AnyIntake.atOnce * 2 + 10
    #expect(taken(publish(all, at: intakes.list)).count == all)
    #expect(intakes.counts == [AnyIntake.atOnce, AnyIntake.atOnce, 10])
  }
}
