import Bus
import Glibc
import Messages
import Testing

/// A server with a socket for tiers and one for sources.
@Suite struct DoorTests {
  private func server() async throws -> EchoServer {
    try await EchoServer(doors: [
      .init("tiers", endpoints: ["tcp://127.0.0.1:*"]),
      .strangers("sources", endpoints: ["tcp://127.0.0.1:*"], methods: [EchoServer.echo]),
    ])
  }

  @Test func sourcesCallWhatIsForThemAndNothingElse() async throws {
    let server = try await server()
    let source = try Connection(on: PollThread(name: "source"), endpoint: server.endpoints[1])
    #expect(try await source.raw(EchoServer.echo, [1], timeout: .seconds(5)) == [1])
    await #expect { _ = try await source.raw(EchoServer.stream, [], timeout: .seconds(5)) } throws: {
      let refusal = $0 as? Refusal
      return refusal?.status == .permissionDenied && refusal?.field == "method"
        && refusal?.message.contains("Echo/Say") == true
    }
    await #expect { _ = try await source.raw("/test.Echo/Nothing", [], timeout: .seconds(5)) } throws: {
      ($0 as? Refusal)?.status == .unimplemented
    }
  }

  @Test func tiersCallEverything() async throws {
    let server = try await server()
    let tier = try Connection(on: PollThread(name: "tier"), endpoint: server.endpoints[0])
    let payload = [UInt8](repeating: 5, count: 1_000_000)
    #expect(try await tier.raw(EchoServer.echo, payload, timeout: .seconds(5)) == payload)
  }

  @Test func aPayloadThatIsALittleTooLongForASourceIsRefused() async throws {
    let server = try await server()
    let source = RawClient(server.endpoints[1])
    let payload = [UInt8](repeating: 5, count: 64 * 1_024 + 1)
    source.request(EchoServer.echo, callID: 1, payload, checksum: CRC32C.checksum(payload))
    #expect(source.answer()?.status == Status.invalidArgument.rawValue)
  }

  /// libzmq drops the connection that it came on; others have theirs.
  @Test func aPayloadThatIsFarTooLongCostsItsSourceTheConnectionAndNobodyElse() async throws {
    let server = try await server()
    let bystander = RawClient(server.endpoints[1])
    bystander.request(EchoServer.echo, callID: 1, [1], checksum: CRC32C.checksum([1]))
    #expect(bystander.answer()?.payload == [1])
    let source = RawClient(server.endpoints[1])
    source.request(EchoServer.echo, callID: 2, [UInt8](repeating: 5, count: 80_000), checksum: 0)
    while await server.onThread({ $0.connections[1].counts.disconnected }) == 0 { await Task.yield() }
    bystander.request(EchoServer.echo, callID: 3, [3], checksum: CRC32C.checksum([3]))
    #expect(bystander.answer()?.payload == [3])
    #expect(await server.onThread { $0.connections[0].counts.disconnected } == 0)
  }

  /// Two peers of two doors may have the same routing id.
  @Test func answersLeaveByTheDoorThatTheirCallsCameInBy() async throws {
    let held = Held()
    let doors: [CallServer.Door] = [
      .init("tiers", endpoints: ["tcp://127.0.0.1:*"]),
      .strangers("sources", endpoints: ["tcp://127.0.0.1:*"], methods: [EchoServer.echo]),
    ]
    let server = try await EchoServer(doors: doors) { _, call in held.keep(call.handle) }
    let tier = RawClient(server.endpoints[0], routingID: [0, 1, 2, 3, 4])
    let source = RawClient(server.endpoints[1], routingID: [0, 1, 2, 3, 4])
    tier.request(EchoServer.echo, callID: 9, [], checksum: 0)
    while held.all.isEmpty { await Task.yield() }
    source.request(EchoServer.echo, callID: 9, [], checksum: 0)
    while held.all.count < 2 { await Task.yield() }
    await server.onThread { $0.answer(held.all[1], .success([2])) }
    await server.onThread { $0.answer(held.all[0], .success([1])) }
    #expect(tier.answer()?.payload == [1] && source.answer()?.payload == [2])
  }

  @Test func handshakesThatFailAreCounted() async throws {
    let server = try await server()
    let port = try #require(server.endpoints[1].split(separator: ":").last.flatMap { UInt16($0) })
    for _ in 0..<3 {
      let stranger = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = port.bigEndian
      address.sin_addr.s_addr = inet_addr("127.0.0.1")
      let connected = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          connect(stranger, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
      #expect(connected == 0)
      close(stranger)
    }
    while await server.onThread({ $0.connections[1].counts.handshakesFailed }) < 3 { await Task.yield() }
    let counts = await server.onThread { $0.connections.map(\.counts) }
    #expect(counts[1].handshakesFailed == 3 && counts[1].connected == 0)
    #expect(counts[0] == ConnectionCounts())
  }
}
