import Bus
import Glibc
import Messages
import Synchronization
import Testing

/// What doesn't fit is pushed back or refused, and never dropped in silence: both ends of a connection that is full.
@Suite(.timeLimit(.minutes(1))) struct FullTests {
  private static let long = [UInt8](repeating: 7, count: 4_000)

  /// It reads nothing until its stream has been given up: then it is told so, and of each of its other calls.
  @Test func aClientThatDoesNotReadIsToldThatItsStreamEnded() async throws {
    var limits = CallServer.Limits()
    limits.waitingReplies = 64
    let ended = Counter()
    let server = try await EchoServer(limits: limits) { server, call in
      guard call.path == EchoServer.stream else { return server.answer(call.handle, .success(call.payload)) }
      while server.send(call.handle, Self.long) {}
    }
    await server.onThread { $0.onCancel = { _ in ended.add() } }
    let client = RawClient(server.endpoint)
    client.request(EchoServer.stream, callID: 1, credit: 65_536, [], checksum: 0)
    while await server.onThread({ $0.counters.requests }) < 1 { await Task.yield() }
    for callID in UInt64(2)...20 { client.request(EchoServer.echo, callID: callID, [], checksum: 0) }
    while await server.onThread({ $0.counters.answers }) < 19 || ended.count == 0 { await Task.yield() }
    #expect(await server.onThread { [$0.counters.givenUp, UInt64($0.callsInFlight)] } == [1, 0])
    #expect(await server.onThread { $0.counters.waited } > 64)
    var ends: [UInt64: UInt32] = [:]
    var messages = 0
    while ends.count < 20, let answer = client.answer() {
      guard answer.kind == Kind.end.rawValue else {
        #expect(ends[1] == nil, "a message of the stream comes after its end")
        messages += 1
        continue
      }
      #expect(ends.updateValue(answer.status, forKey: answer.callID) == nil, "call \(answer.callID) ended twice")
      if answer.callID == 1 { #expect(answer.message.contains("unread")) }
    }
    #expect(messages > 0 && messages < 65_536)
    #expect(ends.removeValue(forKey: 1) == Status.resourceExhausted.rawValue)
    #expect(ends.count == 19 && ends.values.allSatisfy { $0 == Status.ok.rawValue })
    client.request(EchoServer.echo, callID: 21, [4], checksum: CRC32C.checksum([4]))
    #expect(client.answer()?.payload == [4])
  }

  @Test func aStreamWithoutCreditForTooLongIsEnded() async throws {
    var limits = CallServer.Limits()
    limits.streamIdle = 100
    let ended = Counter()
    let server = try await EchoServer(limits: limits) { server, call in
      while server.send(call.handle, [1]) {}
    }
    await server.onThread { $0.onCancel = { _ in ended.add() } }
    let client = RawClient(server.endpoint)
    client.request(EchoServer.stream, callID: 1, credit: 2, [], checksum: 0)
    let answers = (0..<3).map { _ in client.answer() }
    #expect(answers.map { $0?.kind } == [Kind.data, .data, .end].map(\.rawValue))
    #expect(answers[2]?.status == Status.resourceExhausted.rawValue)
    #expect(answers[2]?.message == "no credit was granted for 100 ms")
    #expect(await server.onThread { $0.callsInFlight } == 0)
    #expect(ended.count == 1)
  }

  /// The server reads nothing while its client cancels more than their connection holds.
  @Test func aCancellationThatTheSocketCouldNotTakeArrivesLater() async throws {
    let server = try await EchoServer { _, _ in }
    let gate = Gate()
    server.thread.post { gate.pass() }
    var limits = CallClient.Limits()
    limits.window = 50_000
    limits.firstTry = 300_000
    let client = try await HeldClient(server.endpoint, limits)
    await client.fill()
    await client.cancelFillers()
    gate.open()
    while await server.onThread({ $0.counters.requests < 1_000 || $0.callsInFlight > 0 }) { await Task.yield() }
  }

  /// A window that gets smaller with each CREDIT that is lost is none in the end.
  @Test func aCreditThatTheSocketCouldNotTakeArrivesLater() async throws {
    let streams = Held()
    var limits = CallServer.Limits()
    limits.messagesPerTurn = 1
    let server = try await EchoServer(limits: limits) { _, call in
      if call.path == EchoServer.stream { streams.keep(call.handle) }
    }
    var small = CallClient.Limits()
    small.window = 50_000
    small.firstTry = 300_000
    small.streamWindow = 8
    let client = try await HeldClient(server.endpoint, small)
    let taken = Counter()
    let outcomes = Outcomes()
    await client.onThread { client in
      client.stream(EchoServer.stream, [], timeout: .seconds(300), take: { _ in taken.add() }) { outcomes.keep([$0]) }
    }
    while streams.all.isEmpty { await Task.yield() }
    let gates = [Gate(), Gate()]
    let stream = streams.all[0]
    // The window's messages leave between two long looks away.
    await server.onThread { server in
      let source = Stream(server, stream, total: 1_000)
      server.onCredit = { if $0 == stream { source.go() } }
      // A turn later, so that what was said before has left.
      server.thread.after(milliseconds: 1) {
        gates[0].pass()
        server.onCredit(stream)
        server.thread.after(milliseconds: 1) { gates[1].pass() }
      }
    }
    await client.fill()
    gates[0].open()
    while taken.count < 8 { await Task.yield() }
    await client.cancelFillers()
    gates[1].open()
    while outcomes.all.isEmpty { await Task.yield() }
    #expect(outcomes.statuses == [.ok] && taken.count == 1_000)
  }
}

/// Holds up a thread until it is opened.
private final class Gate: Sendable {
  private let ends: [Int32]

  init() {
    var ends: [Int32] = [0, 0]
    precondition(pipe(&ends) == 0, "no pipe: \(errno)")
    self.ends = ends
  }

  deinit {
    for end in ends { close(end) }
  }

  func pass() {
    var byte: UInt8 = 0
    _ = read(ends[0], &byte, 1)
  }

  func open() {
    var byte: UInt8 = 0
    _ = write(ends[1], &byte, 1)
  }
}

/// A client that has more to send than its connection holds.
private final class HeldClient: @unchecked Sendable {
  // Sendable because `client` and `fillers` are touched on its thread only, once `init` has returned.
  private let thread = PollThread(name: "client")
  private var client: CallClient?
  private var fillers: [UInt64] = []
  private static let long = [UInt8](repeating: 7, count: 4_096)

  init(_ endpoint: String, _ limits: CallClient.Limits) async throws {
    await withUnsafeContinuation { (done: UnsafeContinuation<Void, Never>) in
      thread.post { [self] in
        client = try? CallClient(on: thread, endpoint: endpoint, limits: limits)
        done.resume()
      }
    }
    // Its thread goes on to read its socket.
    _ = client.map(Unmanaged.passRetained)
  }

  @discardableResult
  func onThread<Value: Sendable>(_ body: @escaping @Sendable (CallClient) -> Value) async -> Value {
    await withUnsafeContinuation { done in
      thread.post { [self] in
        if let client { done.resume(returning: body(client)) }
      }
    }
  }

  /// Returns when nothing more goes.
  func fill() async {
    await onThread { [self] client in
      fillers = (0..<20_000).map { _ in
        client.call(EchoServer.echo, Self.long, timeout: .seconds(300), identity: .content) { _ in }
      }
    }
    var seen = (count: 0, times: 0)
    while seen.count < 1_000 || seen.times < 10 {
      let count = await withUnsafeContinuation { (done: UnsafeContinuation<Int, Never>) in
        thread.post { [self] in
          thread.after(milliseconds: 10) { done.resume(returning: self.client?.callsInFlight ?? 0) }
        }
      }
      seen = (count, count == seen.count ? seen.times + 1 : 0)
    }
    #expect(seen.count < 20_000)
  }

  func cancelFillers() async {
    await onThread { [self] client in
      for call in fillers { client.cancel(call) }
    }
  }
}
