import Bus
import Messages
import Testing

/// What a server refuses before whoever answers calls has heard of it.
@Suite(.timeLimit(.minutes(1))) struct RefusingTests {
  @Test func whatIsRefusedAtTheDoorIsCountedByWhy() async throws {
    var limits = CallServer.Limits()
    limits.inFlight = 2
    let heard = Counter()
    let door = CallServer.Door(
      "everybody", endpoints: ["tcp://127.0.0.1:*"], methods: [EchoServer.echo], payloadBytes: 100)
    let server = try await EchoServer(doors: [door], limits: limits) { _, _ in heard.add() }
    let client = RawClient(server.endpoint)
    let long = [UInt8](repeating: 5, count: 101)
    client.request(EchoServer.echo, callID: 1, [], checksum: 0)
    client.request(EchoServer.echo, callID: 1, [], checksum: 0)
    client.request("/test.Echo/Nothing", callID: 2, [], checksum: 0)
    client.request(EchoServer.stream, callID: 3, [], checksum: 0)
    client.request(EchoServer.echo, callID: 4, long, checksum: CRC32C.checksum(long))
    client.request(EchoServer.echo, callID: 5, [1], checksum: 0)
    client.request(EchoServer.echo, callID: 6, [], checksum: 0)
    client.request(EchoServer.echo, callID: 7, [], checksum: 0)
    let answers = (0..<6).compactMap { _ in client.answer() }
    #expect(answers.map(\.callID) == [1, 2, 3, 4, 5, 7])
    let statuses: [Status] = [
      .invalidArgument, .unimplemented, .permissionDenied, .invalidArgument, .dataLoss, .resourceExhausted,
    ]
    #expect(answers.map(\.status) == statuses.map(\.rawValue))
    #expect(
      await server.onThread { $0.counters.refused } == [
        .callID: 1, .method: 1, .door: 1, .size: 1, .checksum: 1, .connection: 1,
      ])
    #expect(heard.count == 2)
  }

  @Test func aStreamThatNobodyReadsIsCountedToo() async throws {
    var limits = CallServer.Limits()
    limits.streamIdle = 100
    let server = try await EchoServer(limits: limits) { server, call in _ = server.send(call.handle, [1]) }
    let client = RawClient(server.endpoint)
    client.request(EchoServer.stream, callID: 1, credit: 1, [], checksum: 0)
    #expect(client.answer()?.payload == [1])
    #expect(client.answer()?.status == Status.resourceExhausted.rawValue)
    #expect(await server.onThread { $0.counters.refused } == [.credit: 1])
  }
}
