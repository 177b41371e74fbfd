import Bus
import Messages
import Synchronization
import Testing

/// When a client repeats what was not taken.
@Suite struct RetryTests {
  @Test func thePauseDoublesToTwoSecondsGiveOrTakeAFifth() {
    let plain = (UInt32(0)...9).map { BackOff.milliseconds(after: $0, percent: 100) }
    #expect(plain == [20, 40, 80, 160, 320, 640, 1_280, 2_000, 2_000, 2_000])
    #expect(BackOff.percents == 80...120)
    #expect(BackOff.milliseconds(after: 3, percent: 80) == 128 && BackOff.milliseconds(after: 3, percent: 120) == 192)
    #expect(BackOff.milliseconds(after: .max, percent: 120) == 2_400)
  }

  /// A tier that starts has all its callers at its door; they come one by one.
  @Test func callsThatAreRefusedTogetherDoNotComeBackTogether() throws {
    let server = RawServer()
    let client = try Connection(on: PollThread(name: "client"), endpoint: server.endpoint)
    let outcomes = Outcomes()
    client.callAll(EchoServer.echo, Array(repeating: [], count: 32), timeout: .seconds(60)) { outcomes.keep($0) }
    var refusedAt: [UInt64: ContinuousClock.Instant] = [:]
    var pauses: [UInt32: [Duration]] = [:]
    var answered = 0
    while answered < 32, let request = server.next() {
      if let before = refusedAt[request.callID] { pauses[request.attempt, default: []].append(request.at - before) }
      if request.attempt < 5 {
        refusedAt[request.callID] = .now
        server.end(request, .unavailable)
      } else {
        server.end(request)
        answered += 1
      }
    }
    #expect(answered == 32)
    for attempt in UInt32(1)...5 {
      let least = Duration.milliseconds(BackOff.milliseconds(after: attempt - 1, percent: 80))
      #expect(pauses[attempt]?.count == 32)
      #expect(pauses[attempt]?.allSatisfy { $0 >= least } == true, "attempt \(attempt) comes early")
    }
    // A busy machine may bring one round together, and not three.
    let spread = (UInt32(3)...5).filter { attempt in
      guard let all = pauses[attempt], let first = all.min(), let last = all.max() else { return false }
      return last - first > .milliseconds(BackOff.milliseconds(after: attempt - 1, percent: 15))
    }
    #expect(!spread.isEmpty)
  }

  @Test func theServersPushBackGoesBeforeTheClientsPause() throws {
    let server = RawServer()
    let client = try Connection(on: PollThread(name: "client"), endpoint: server.endpoint)
    let outcomes = Outcomes()
    client.callAll(EchoServer.echo, [[]], timeout: .seconds(60)) { outcomes.keep($0) }
    let first = try #require(server.next())
    server.end(first, .resourceExhausted, pushback: 400)
    let second = try #require(server.next())
    #expect(second.callID == first.callID && second.attempt == 1)
    #expect(second.at - first.at >= .milliseconds(400))
    server.end(second)
  }

  /// Below zero says: don't come again.
  @Test func aNegativePushBackEndsTheCall() async throws {
    let server = RawServer()
    let client = try Connection(on: PollThread(name: "client"), endpoint: server.endpoint)
    let outcomes = Outcomes()
    client.callAll(EchoServer.echo, [[]], timeout: .seconds(60)) { outcomes.keep($0) }
    let first = try #require(server.next())
    server.end(first, .unavailable, pushback: -1)
    while outcomes.all.isEmpty { await Task.yield() }
    #expect(outcomes.statuses == [.unavailable])
    client.callAll(EchoServer.echo, [[]], timeout: .seconds(60)) { outcomes.keep($0) }
    let next = try #require(server.next())
    #expect(next.callID != first.callID && next.attempt == 0)
    server.end(next)
  }

  /// A pause that would end after the call does is not begun.
  @Test func aPushBackBeyondTheDeadlineIsTheAnswer() async throws {
    let server = RawServer()
    let client = try Connection(on: PollThread(name: "client"), endpoint: server.endpoint)
    let outcomes = Outcomes()
    client.callAll(EchoServer.echo, [[]], timeout: .seconds(30)) { outcomes.keep($0) }
    server.end(try #require(server.next()), .resourceExhausted, pushback: 31_000)
    while outcomes.all.isEmpty { await Task.yield() }
    #expect(outcomes.statuses == [.resourceExhausted])
  }

  @Test func whatAClientMayNotHoldIsRefusedAtOnce() async throws {
    var limits = CallClient.Limits()
    limits.waiting = 4
    let client = try Connection(on: PollThread(name: "client"), endpoint: "tcp://127.0.0.1:1", limits: limits)
    let outcomes = Outcomes()
    client.callAll(EchoServer.echo, Array(repeating: [], count: 6), timeout: .milliseconds(100)) { outcomes.keep($0) }
    while outcomes.all.isEmpty { await Task.yield() }
    #expect(
      outcomes.statuses == Array(repeating: .deadlineExceeded, count: 4) + [.resourceExhausted, .resourceExhausted])
  }
}

/// What became of a test's calls.
final class Outcomes: Sendable {
  private let results = Mutex<[Result<[UInt8], Refusal>]>([])
  var all: [Result<[UInt8], Refusal>] { results.withLock { $0 } }
  var statuses: [Status] {
    all.map { result in
      if case .failure(let refusal) = result { refusal.status } else { .ok }
    }
  }
  func keep(_ more: [Result<[UInt8], Refusal>]) { results.withLock { $0 += more } }
}
