import Bus
import Messages
import Synchronization
import Testing

/// Calls over real sockets on loopback.
@Suite struct CallTests {
  private func client(_ server: EchoServer, limits: CallClient.Limits = .init()) throws -> Connection {
    try Connection(on: PollThread(name: "client"), endpoint: server.endpoint, limits: limits)
  }

  @Test func anAnswerComesBack() async throws {
    let server = try await EchoServer()
    let answer = try await client(server).raw(EchoServer.echo, [1, 2, 3], timeout: .seconds(5))
    #expect(answer == [1, 2, 3])
  }

  @Test(arguments: [1_000, 100_000]) func callsInFlightFromOneClientAllComplete(_ count: Int) async throws {
    let server = try await EchoServer()
    let client = try client(server)
    let sum = try await withThrowingTaskGroup(of: Int.self) { group in
      for number in 0..<count {
        group.addTask {
          let payload = withUnsafeBytes(of: number) { Array($0) }
          let answer = try await client.raw(EchoServer.echo, payload, timeout: .seconds(60))
          return answer == payload ? 1 : 0
        }
      }
      return try await group.reduce(0, +)
    }
    #expect(sum == count)
  }

  @Test func anUnknownMethodIsUnimplemented() async throws {
    let server = try await EchoServer()
    let client = try client(server)
    await #expect { _ = try await client.raw("/test.Echo/Nothing", [], timeout: .seconds(5)) } throws: {
      ($0 as? Refusal)?.status == .unimplemented && ($0 as? Refusal)?.field == "method"
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func aServerThatNeverAnswersIsADeadlineAndItsCallIsForgotten() async throws {
    let server = try await EchoServer { _, _ in }
    let client = try client(server)
    await #expect { _ = try await client.raw(EchoServer.echo, [], timeout: .milliseconds(300)) } throws: {
      ($0 as? Refusal)?.status == .deadlineExceeded
    }
    // The server gives up at its own moment, which may be a little later: the test's time limit is what fails.
    while await server.onThread({ $0.callsInFlight }) > 0 { await Task.yield() }
  }

  @Test func nobodyThereIsADeadlineToo() async throws {
    let client = try Connection(on: PollThread(name: "client"), endpoint: "tcp://127.0.0.1:1")
    await #expect { _ = try await client.raw(EchoServer.echo, [], timeout: .milliseconds(200)) } throws: {
      ($0 as? Refusal)?.status == .deadlineExceeded
    }
  }

  @Test func aRefusalArrivesWithItsFieldAndIsFinal() async throws {
    let calls = Counter()
    let server = try await EchoServer { server, call in
      calls.add()
      server.answer(call.handle, .failure(.invalid("labels[3].name", "occurs twice")))
    }
    let client = try client(server)
    await #expect { _ = try await client.raw(EchoServer.echo, [], timeout: .seconds(5)) } throws: {
      ($0 as? Refusal) == .invalid("labels[3].name", "occurs twice")
    }
    #expect(calls.count == 1)
  }

  @Test func anUnavailableServerIsAskedAgainWithTheSameToken() async throws {
    let box = Tokens()
    let server = try await EchoServer { server, call in
      let seen = box.append(call.token)
      server.answer(call.handle, seen < 3 ? .failure(Refusal(.unavailable, "starting")) : .success([9]))
    }
    let answer = try await client(server).raw(EchoServer.echo, [], timeout: .seconds(10))
    #expect(answer == [9])
    #expect(box.all.count == 3 && box.all.first != IncomingCall.Token.none)
    if case .session(let id, let number, _) = box.all[0], case .session(let again, let same, _) = box.all[2] {
      #expect(id == again && number == same)
    } else {
      #expect(Bool(false), "a session was expected")
    }
  }

  @Test func aSlowAnswerIsGivenOnceHoweverOftenTheClientRepeats() async throws {
    let calls = Counter()
    let server = try await EchoServer { server, call in
      calls.add()
      server.thread.after(milliseconds: 700) { server.answer(call.handle, .success(call.payload)) }
    }
    var limits = CallClient.Limits()
    limits.firstTry = 100
    let answer = try await client(server, limits: limits).raw(EchoServer.echo, [5], timeout: .seconds(10))
    #expect(answer == [5])
    #expect(calls.count == 1)
  }

  /// The client repeats, and the answer leaves before the repeat comes.
  @Test func aRepeatThatCrossesItsAnswerGetsThatAnswer() async throws {
    let calls = Counter()
    let server = try await EchoServer { server, call in
      calls.add()
      server.thread.after(milliseconds: 60) { server.answer(call.handle, .success(call.payload)) }
    }
    let client = RawClient(server.endpoint)
    let checksum = CRC32C.checksum([5, 6])
    client.request(EchoServer.echo, callID: 77, [5, 6], checksum: checksum)
    #expect(client.answer()?.payload == [5, 6])
    client.request(EchoServer.echo, callID: 77, attempt: 1, [5, 6], checksum: checksum)
    let again = client.answer()
    #expect(again?.payload == [5, 6] && again?.callID == 77)
    #expect(calls.count == 1)
    #expect(await server.onThread { $0.counters.answeredAgain } == 1)
  }

  /// Tasks may live on the client's own thread: then a call crosses no threads.
  @Test func tasksOnTheLoopCallAsOthersDo() async throws {
    let server = try await EchoServer()
    let client = try client(server)
    let sum = try await withThrowingTaskGroup(of: Int.self) { group in
      for number in UInt8(0)..<64 {
        group.addTask(executorPreference: client.executor) {
          var right = 0
          for _ in 0..<50 {
            if try await client.raw(EchoServer.echo, [number], timeout: .seconds(30)) == [number] { right += 1 }
          }
          return right
        }
      }
      return try await group.reduce(0, +)
    }
    #expect(sum == 64 * 50)
  }

  @Test func aFullServerPushesBackAndTheCallsStillComplete() async throws {
    var limits = CallServer.Limits()
    limits.inFlight = 4
    let server = try await EchoServer(limits: limits) { server, call in
      server.thread.after(milliseconds: 5) { server.answer(call.handle, .success([])) }
    }
    let client = try client(server)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<64 { group.addTask { _ = try await client.raw(EchoServer.echo, [], timeout: .seconds(30)) } }
      try await group.waitForAll()
    }
    let refused = await server.onThread { $0.counters.refused }
    #expect(refused[.connection, default: 0] > 0 && refused.count == 1)
  }

  @Test func anOversizePayloadIsRefusedBeforeItLeaves() async throws {
    let server = try await EchoServer()
    let client = try client(server)
    await #expect {
      _ = try await client.raw(EchoServer.echo, [UInt8](repeating: 0, count: 2_000_000), timeout: .seconds(5))
    } throws: { ($0 as? Refusal)?.field == "payload" }
    #expect(try await client.raw(EchoServer.echo, [1], timeout: .seconds(5)) == [1])
  }

  @Test func aDrainingServerSaysUnavailable() async throws {
    let server = try await EchoServer()
    let client = try client(server)
    _ = try await client.raw(EchoServer.echo, [], timeout: .seconds(5))
    await server.onThread { $0.drain() }
    await #expect { _ = try await client.raw(EchoServer.echo, [], timeout: .milliseconds(400)) } throws: {
      let status = ($0 as? Refusal)?.status
      return status == .unavailable || status == .deadlineExceeded
    }
  }

  @Test func aCancelledTaskTellsTheServer() async throws {
    let cancelled = Counter()
    let server = try await EchoServer { _, _ in }
    await server.onThread { $0.onCancel = { _ in cancelled.add() } }
    let client = try client(server)
    let task = Task { try await client.raw(EchoServer.echo, [], timeout: .seconds(60)) }
    while await server.onThread({ $0.callsInFlight }) == 0 { await Task.yield() }
    task.cancel()
    await #expect { _ = try await task.value } throws: { ($0 as? Refusal)?.status == .cancelled }
    while cancelled.count == 0 { await Task.yield() }
    #expect(await server.onThread { $0.callsInFlight } == 0)
  }

  @Test func aReaderWhoStopsEndsTheStreamAtTheServer() async throws {
    let cancelled = Counter()
    let server = try await EchoServer { server, call in
      let stream = Stream(server, call.handle, total: .max)
      server.onCredit = { _ in stream.go() }
      server.onCancel = { _ in cancelled.add() }
      stream.go()
    }
    let client = try client(server)
    for try await _ in client.rawStream(EchoServer.stream, []) { break }
    while cancelled.count == 0 { await Task.yield() }
    #expect(await server.onThread { $0.callsInFlight } == 0)
  }

  @Test func aStreamComesInOrderUnderCredit() async throws {
    let server = try await EchoServer { server, call in
      let stream = Stream(server, call.handle, total: 5_000)
      server.onCredit = { _ in stream.go() }
      stream.go()
    }
    let client = try client(server)
    var expected: UInt64 = 0
    for try await bytes in client.rawStream(EchoServer.stream, []) {
      #expect(bytes == withUnsafeBytes(of: expected) { Array($0) })
      expected += 1
    }
    #expect(expected == 5_000)
  }
}

/// A count that several threads add to.
final class Counter: Sendable {
  private let value = Mutex(0)
  var count: Int { value.withLock { $0 } }
  func add() { value.withLock { $0 += 1 } }
}

/// The tokens that a server saw.
final class Tokens: Sendable {
  private let tokens = Mutex<[IncomingCall.Token]>([])
  var all: [IncomingCall.Token] { tokens.withLock { $0 } }
  func append(_ token: IncomingCall.Token) -> Int {
    tokens.withLock {
      $0.append(token)
      return $0.count
    }
  }
}

/// Calls that a server doesn't answer yet.
final class Held: Sendable {
  private let calls = Mutex<[CallHandle]>([])
  var all: [CallHandle] { calls.withLock { $0 } }
  func keep(_ call: CallHandle) { calls.withLock { $0.append(call) } }
}

/// Sends as much of a stream as there is credit for.
final class Stream {
  private unowned let server: CallServer
  private let call: CallHandle
  private let total: UInt64
  private var next: UInt64 = 0

  init(_ server: CallServer, _ call: CallHandle, total: UInt64) {
    self.server = server
    self.call = call
    self.total = total
  }

  func go() {
    while next < total, server.send(call, withUnsafeBytes(of: next) { Array($0) }) { next += 1 }
    if next == total { server.answer(call, .success([])) }
  }
}
