import Bus
import Glibc
import Messages
import Testing
import Wire

/// A door holds so many connections. Whoever comes finds a place all the same: those that have said nothing make room.
@Suite(.timeLimit(.minutes(1))) struct ConnectionLimitTests {
  private func server(_ limits: ConnectionLimits, at endpoint: String = "tcp://127.0.0.1:*") async throws -> EchoServer
  {
    var door = CallServer.Door("sources", endpoints: [endpoint])
    door.connections = limits
    return try await EchoServer(doors: [door])
  }

  /// Connections that say nothing. libzmq ends each after a handshake's three seconds: whoever is ended sooner was one too many.
  private func strangers(_ count: Int, to server: EchoServer) throws -> [Int32] {
    let port = try #require(server.endpoint.split(separator: ":").last.flatMap { UInt16($0) })
    return try (0..<count).map { _ in
      let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      var name = sockaddr_in()
      name.sin_family = sa_family_t(AF_INET)
      name.sin_port = port.bigEndian
      name.sin_addr.s_addr = inet_addr("127.0.0.1")
      let code = withUnsafePointer(to: &name) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
      try #require(code == 0)
      return descriptor
    }
  }

  /// Whether the other side has ended a connection; its greeting is read over.
  private func hasEnded(_ descriptor: Int32) -> Bool {
    var bytes = [UInt8](repeating: 0, count: 256)
    while true {
      let count = recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
      if count == 0 || count < 0 && errno != EAGAIN { return true }
      if count < 0 { return false }
    }
  }

  private func beyond(_ server: EchoServer) async -> UInt64 {
    await server.onThread { $0.connections[0].counts.beyondLimits }
  }

  private func say(_ text: [UInt8], to server: EchoServer) async throws -> [UInt8] {
    try await Connection(on: PollThread(name: "client"), endpoint: server.endpoint)
      .raw(EchoServer.echo, text, timeout: .seconds(20))
  }

  /// All from one address, as behind an address translation or on one machine.
  @Test func aDoorFullOfStrangersKeepsNobodyOutAndWhoIsInsideStays() async throws {
    let server = try await server(ConnectionLimits(atMost: 6))
    let inside = RawClient(server.endpoint)
    inside.request(EchoServer.echo, callID: 1, [1], checksum: CRC32C.checksum([1]))
    #expect(inside.answer()?.payload == [1])
    let began = ContinuousClock.now
    let strangers = try strangers(20, to: server)
    while await beyond(server) < 15 { await Task.yield() }
    while strangers.count(where: hasEnded) < 15 { await Task.yield() }
    // Where a machine is so slow that the handshake's time is over, all have ended by that.
    let isInTime = ContinuousClock.now - began < .seconds(2)
    if isInTime { #expect(strangers.count(where: hasEnded) == 15) }
    #expect(try await say([2], to: server) == [2], "somebody new comes in at a full door")
    if isInTime { #expect(strangers[..<15].allSatisfy(hasEnded), "those that waited longest made room") }
    inside.request(EchoServer.echo, callID: 2, [3], checksum: CRC32C.checksum([3]))
    #expect(inside.answer()?.payload == [3])
    strangers.forEach { close($0) }
  }

  @Test func aDoorWithoutALimitShutsNobody() async throws {
    let server = try await EchoServer()
    let strangers = try strangers(50, to: server)
    #expect(try await say([1], to: server) == [1])
    #expect(await beyond(server) == 0 && !strangers.contains(where: hasEnded))
    strangers.forEach { close($0) }
  }

  /// There is nothing there that could be shut by its port.
  @Test func aDoorThatIsNoPortHasNoLimit() async throws {
    let server = try await server(ConnectionLimits(atMost: 1), at: "ipc:///tmp/tocsin-limit-\(getpid())")
    #expect(await server.onThread { $0.connectionsHeld.isEmpty })
    #expect(try await say([1], to: server) == [1])
    #expect(try await say([2], to: server) == [2])
  }

  // MARK: Who makes room

  private func gate(_ atMost: Int, from addresses: [String]) -> ConnectionGate {
    var gate = ConnectionGate(ConnectionLimits(atMost: atMost))
    for (number, address) in addresses.enumerated() { gate.come(number, address) }
    return gate
  }

  @Test func theAddressWithMostNewcomersLosesItsOldest() {
    var gate = gate(4, from: ["a", "b", "b", "b", "b", "c"])
    #expect(Set(gate.takeTooMany().map(\.descriptor)) == [1, 2])
    #expect(gate.count == 4 && gate.takeTooMany().isEmpty)
  }

  @Test func aNetworkOfOneCustomerIsOneAddress() {
    var gate = gate(2, from: ["2001:db8:1:1::1", "2001:db8:1:2::1", "2001:db8:1:1::2", "2001:db8:1:1::3"])
    #expect(Set(gate.takeTooMany().map(\.descriptor)) == [0, 2], "a /64 has one place, and the other one its own")
    #expect(ConnectionGate.neighbourhood("::ffff:192.0.2.1") == "192.0.2.1")
    #expect(ConnectionGate.neighbourhood("fe80::1%eth0") == ConnectionGate.neighbourhood("fe80::2"))
  }

  @Test func theKeyWithMostConnectionsLosesThoseThatCameLastAndLeavesAQuarter() {
    var gate = gate(8, from: Array(repeating: "a", count: 8))
    for number in 0..<8 { gate.spoke(Int32(number), name: number < 2 ? "honest\(number)" : "stolen", isOurs: false) }
    #expect(Set(gate.takeTooMany().map(\.descriptor)) == [6, 7])
    gate.come(8, "a")
    #expect(gate.takeTooMany().isEmpty, "there is room for who comes")
  }

  /// Else people would be paged because a door is full, and then not be paged.
  @Test func aTierIsNeverShutNorKeptOut() {
    var gate = gate(4, from: Array(repeating: "a", count: 6))
    for number in 0..<6 { gate.spoke(Int32(number), name: "escalator", isOurs: true) }
    for number in 6..<20 { gate.come(number, "a") }
    #expect(Set(gate.takeTooMany().map(\.descriptor)) == Set(6..<16))
    for number in 16..<20 { gate.spoke(Int32(number), name: "ana", isOurs: false) }
    gate.come(20, "a")
    #expect(gate.takeTooMany().map(\.descriptor) == [19])
    gate.spoke(20, name: "notifier", isOurs: true)
    #expect(gate.takeTooMany().isEmpty && gate.count == 10)
  }

  @Test func whatIsShutIsTheConnectionThatWasToldOfAndNoOther() throws {
    var pair: [Int32] = [0, 0]
    #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0)
    defer { pair.forEach { close($0) } }
    let end = try ConnectionEnd()
    #expect(!end.shut(pair[0], with: .init(address: "127.0.0.1", port: 1), to: [7101]))
    #expect(send(pair[0], [1], 1, 0) == 1, "another's descriptor under the same number is untouched")
  }
}

extension ConnectionGate {
  fileprivate mutating func come(_ number: Int, _ address: String) {
    accepted(Int32(number), from: Peer(address: address, port: UInt16(1_024 + number)))
  }
}
