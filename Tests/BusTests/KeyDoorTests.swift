import Addresses
import Bus
import CZeroMQ
import Glibc
import Messages
import Testing

/// Doors that demand keys: each trap of CURVE and ZAP in libzmq 4.3.4 that would leave a door open has a
/// test here.
@Suite(.timeLimit(.minutes(1))) struct KeyDoorTests {
  private let server = try! KeyPair.make()
  private let ana = try! KeyPair.make()
  private static let past = Instant(milliseconds: 1)

  private func ring(_ more: AuthorizedKey...) throws -> KeyRing {
    KeyRing(try store([AuthorizedKey("ana", roles: .responder, key: ana.publicKey, from: Self.past)] + more))
  }

  private func store(_ keys: [AuthorizedKey]) throws -> KeyStore {
    try KeyStore(text: keys.map { "\($0.line)\n" }.joined(), path: "test")
  }

  private func door(_ ring: KeyRing) -> CallServer.Door {
    .init("tiers", endpoints: ["tcp://127.0.0.1:*"], keys: ServerKeys(own: server, ring: ring))
  }

  /// Answers with the caller's name and roles.
  private func whoAmI(_ ring: KeyRing, calls: Counter = Counter()) async throws -> EchoServer {
    try await EchoServer(doors: [door(ring)]) { server, call in
      calls.add()
      if call.path == EchoServer.stream {
        _ = server.send(call.handle, [1])
      } else {
        server.answer(call.handle, .success(Array("\(call.principal.name) \(call.principal.roles.words)".utf8)))
      }
    }
  }

  private func connection(
    _ endpoint: String, as own: KeyPair, to key: PublicKey? = nil, endsWhenRefused: Bool = true
  ) throws -> Connection {
    var limits = CallClient.Limits()
    limits.endsWhenRefused = endsWhenRefused
    return try Connection(
      on: PollThread(name: "client"), endpoint: endpoint, limits: limits,
      keys: ClientKeys(own: own, server: key ?? server.publicKey))
  }

  private func name(_ connection: Connection, within span: Span = .seconds(10)) async throws -> String {
    String(decoding: try await connection.raw(EchoServer.echo, [], timeout: span), as: UTF8.self)
  }

  private func status(_ body: () async throws -> Void) async -> Status? {
    do {
      try await body()
      return .ok
    } catch {
      return (error as? Refusal)?.status
    }
  }

  // MARK: Who comes in

  @Test func aKnownKeyIsKnownByItsPrincipal() async throws {
    let server = try await whoAmI(ring())
    #expect(try await name(connection(server.endpoint, as: ana)) == "ana responder")
  }

  @Test func theDoorsOptionsReadBackAsTheyMust() async throws {
    let server = try await whoAmI(ring())
    for (option, value) in [(93, 1), (ZMQ_CURVE_SERVER, 1), (ZMQ_MECHANISM, Int64(ZMQ_CURVE))] {
      #expect(await server.onThread { $0.socketOption(option) } == value, "option \(option)")
    }
  }

  @Test func anUnknownKeyIsRefusedAtOnceAndCounted() async throws {
    let calls = Counter()
    let server = try await whoAmI(ring(), calls: calls)
    let stranger = try connection(server.endpoint, as: KeyPair.make())
    #expect(await status { _ = try await name(stranger) } == .unauthenticated)
    #expect(await server.onThread { $0.connections[0].counts.handshakesFailed } >= 1)
    #expect(await server.onThread { $0.turnedAway.first?.words } == "from 127.0.0.1: this key is not known here")
    let refused = await server.onThread { $0.takeRefusedHandshakes() }
    #expect(
      refused.map(\.one.reason) == ["unknown"] && refused.map(\.one.from) == ["127.0.0.1"] && refused[0].count >= 1)
    #expect(calls.count == 0)
  }

  @Test func whoeverDoesNotKnowTheServersKeyIsNotHeard() async throws {
    let calls = Counter()
    let server = try await whoAmI(ring(), calls: calls)
    let wrong = try connection(server.endpoint, as: ana, to: KeyPair.make().publicKey)
    #expect(await status { _ = try await name(wrong, within: .milliseconds(500)) } == .deadlineExceeded)
    #expect(calls.count == 0)
  }

  /// NULL, and PLAIN, against CURVE: the mechanisms differ, and libzmq ends it before anything is heard.
  @Test func whoeverSpeaksPlainlyIsNotHeard() async throws {
    let calls = Counter()
    let server = try await whoAmI(ring(), calls: calls)
    let plain = RawClient(server.endpoint)
    plain.request(EchoServer.echo, callID: 1, [], checksum: 0)
    #expect(plain.answer(within: 500) == nil && calls.count == 0)
    #expect(await server.onThread { $0.connections[0].counts.handshakesFailed } >= 1)
  }

  @Test func whoeverForgetsTheKeyIsTold() async throws {
    let server = try await whoAmI(ring())
    var limits = CallClient.Limits()
    limits.endsWhenRefused = true
    let plain = try Connection(on: PollThread(name: "client"), endpoint: server.endpoint, limits: limits)
    await #expect { _ = try await name(plain) } throws: { ($0 as? Refusal)?.message.contains("demands a key") == true }
    let open = try await EchoServer()
    let careful = try connection(open.endpoint, as: ana)
    await #expect { _ = try await name(careful) } throws: {
      ($0 as? Refusal)?.message.contains("runs without keys") == true
    }
  }

  @Test func aKeyForOtherAddressesIsRefused() async throws {
    let key = try KeyPair.make()
    let server = try await whoAmI(
      ring(
        AuthorizedKey(
          "prometheus", roles: .source, key: key.publicKey, from: Self.past, addresses: [IPNetwork("10.0.0.0/8")!])))
    #expect(await status { _ = try await name(connection(server.endpoint, as: key)) } == .unauthenticated)
    #expect(
      await server.onThread { $0.turnedAway.first?.words ?? "" }.contains(
        "may not be used from 127.0.0.1 of prometheus"))
  }

  @Test func aDoorWithoutKeysIsForThisMachineOnly() async throws {
    for endpoint in ["tcp://*:*", "tcp://0.0.0.0:*"] {
      await #expect {
        _ = try await EchoServer(doors: [.init("tiers", endpoints: [endpoint])])
      } throws: {
        "\($0)".contains("loopback only")
      }
    }
    _ = try await EchoServer(doors: [
      .init("tiers", endpoints: ["tcp://0.0.0.0:*"], keys: ServerKeys(own: server, ring: ring()))
    ])
  }

  // MARK: Keys that stop being valid

  @Test func aRevokedKeyIsRefusedAtTheNextCallOfAnOpenConnection() async throws {
    let ring = try ring()
    let calls = Counter()
    let server = try await whoAmI(ring, calls: calls)
    let client = RawClient(server.endpoint, keys: ClientKeys(own: ana, server: self.server.publicKey))
    client.request(EchoServer.echo, callID: 1, [], checksum: 0)
    #expect(try #require(client.answer()).payload == Array("ana responder".utf8))
    ring.replace(try store([revoked]))
    client.request(EchoServer.echo, callID: 2, [], checksum: 0)
    let refused = try #require(client.answer(), "said on the connection that is there, and not by ZAP to a new one")
    #expect(refused.status == Status.unauthenticated.rawValue && refused.message.contains("revoked"))
    #expect(calls.count == 1)
    #expect(await server.onThread { $0.counters.refused } == [.key: 1])
  }

  private var revoked: AuthorizedKey {
    AuthorizedKey("ana", roles: .responder, key: ana.publicKey, from: Self.past, revokedAt: Self.past)
  }

  /// Of a door with room for many: whoever has a place there, and which connections have ended.
  private func roomyDoor(_ ring: KeyRing) async throws -> EchoServer {
    var door = door(ring)
    door.connections = ConnectionLimits(atMost: 100)
    return try await EchoServer(doors: [door]) { server, call in
      if call.path == EchoServer.stream {
        _ = server.send(call.handle, [1])
      } else {
        server.answer(call.handle, .success(Array("\(call.principal.name) \(call.principal.roles.words)".utf8)))
      }
    }
  }

  private func held(_ server: EchoServer) async -> Int { await server.onThread { $0.connectionsHeld[0].held } }

  private func shut(_ server: EchoServer) async -> UInt64 {
    await server.onThread { $0.connections[0].counts.unwelcome }
  }

  /// It would go on taking a place, and what is sent to it, for as long as whoever has the key likes. What it was told of its stream
  /// arrives first.
  @Test func theConnectionOfARevokedKeyIsShutWithinTwoSecondsAndItsPlaceIsFree() async throws {
    let second = try KeyPair.make()
    let other = AuthorizedKey("prometheus", roles: .source, key: second.publicKey, from: Self.past)
    let ring = try ring(other)
    let server = try await roomyDoor(ring)
    let client = RawClient(server.endpoint, keys: ClientKeys(own: ana, server: self.server.publicKey))
    let stays = RawClient(server.endpoint, keys: ClientKeys(own: second, server: self.server.publicKey))
    client.request(EchoServer.stream, callID: 1, credit: 8, [], checksum: 0)
    #expect(try #require(client.answer()).payload == [1])
    stays.request(EchoServer.echo, callID: 1, [], checksum: 0)
    #expect(try #require(stays.answer()).status == 0)
    #expect(await held(server) == 2)
    ring.replace(try store([revoked, other]))
    let began = ContinuousClock.now
    #expect(try #require(client.answer()).status == Status.unauthenticated.rawValue)
    while await held(server) > 1 { await Task.yield() }
    #expect(ContinuousClock.now - began < .seconds(2))
    #expect(await shut(server) == 1)
    stays.request(EchoServer.echo, callID: 2, [], checksum: 0)
    #expect(try #require(stays.answer()).status == 0)
  }

  /// It says nothing any more, and the list doesn't change any more: only the time tells.
  @Test func theConnectionOfAKeyThatExpiresIsShut() async throws {
    let ring = try ring()
    let server = try await roomyDoor(ring)
    let client = RawClient(server.endpoint, keys: ClientKeys(own: ana, server: self.server.publicKey))
    client.request(EchoServer.echo, callID: 1, [], checksum: 0)
    #expect(try #require(client.answer()).status == 0)
    let until = Instant(milliseconds: Int64(time(nil)) * 1_000 + 2_000)
    ring.replace(
      try store([AuthorizedKey("ana", roles: .responder, key: ana.publicKey, from: Self.past, until: until)]))
    while await held(server) > 0 { await Task.yield() }
    #expect(Int64(time(nil)) * 1_000 >= until.milliseconds)
    #expect(await shut(server) == 1)
  }

  /// A key that is held to narrower networks is held to them at once, and not when it comes again.
  @Test func addressesThatChangeAreThoseOfTheNextCallAndOfTheConnection() async throws {
    let ring = try ring()
    let server = try await roomyDoor(ring)
    let client = RawClient(server.endpoint, keys: ClientKeys(own: ana, server: self.server.publicKey))
    func narrowed(to network: String) throws -> AuthorizedKey {
      AuthorizedKey(
        "ana", roles: .responder, key: ana.publicKey, from: Self.past, addresses: [try #require(IPNetwork(network))])
    }
    ring.replace(try store([narrowed(to: "127.0.0.0/8")]))
    client.request(EchoServer.echo, callID: 1, [], checksum: 0)
    #expect(try #require(client.answer()).status == 0)
    ring.replace(try store([narrowed(to: "10.0.0.0/8")]))
    client.request(EchoServer.echo, callID: 2, [], checksum: 0)
    let refused = try #require(client.answer())
    #expect(refused.status == Status.unauthenticated.rawValue)
    #expect(refused.message == "this key may not be used from 127.0.0.1")
    while await held(server) > 0 { await Task.yield() }
    #expect(await shut(server) == 1)
  }

  @Test func aKeyThatIsTakenOffTheListIsRefusedToo() async throws {
    let ring = try ring()
    let server = try await whoAmI(ring)
    let connection = try connection(server.endpoint, as: ana)
    _ = try await name(connection)
    ring.replace(
      try store([AuthorizedKey("ben", roles: .responder, key: KeyPair.make().publicKey, from: Self.past)]))
    #expect(await status { _ = try await name(connection) } == .unauthenticated)
  }

  @Test func rolesThatChangeAreThoseOfTheNextCall() async throws {
    let ring = try ring()
    let server = try await whoAmI(ring)
    let connection = try connection(server.endpoint, as: ana)
    #expect(try await name(connection) == "ana responder")
    ring.replace(try store([AuthorizedKey("ana", roles: .observer, key: ana.publicKey, from: Self.past)]))
    #expect(try await name(connection) == "ana observer")
  }

  @Test func aStreamOfARevokedKeyEnds() async throws {
    let ring = try ring()
    let server = try await whoAmI(ring)
    let connection = try connection(server.endpoint, as: ana)
    var ended: Status?
    do {
      for try await _ in connection.rawStream(EchoServer.stream, []) {
        ring.replace(
          try store([AuthorizedKey("ana", roles: .responder, key: ana.publicKey, from: Self.past, revokedAt: Self.past)]
          ))
      }
    } catch { ended = (error as? Refusal)?.status }
    #expect(ended == .unauthenticated)
    #expect(await server.onThread { $0.callsInFlight } == 0)
  }

  @Test func ofTwoKeysOfOnePrincipalOneMayBeRevoked() async throws {
    let second = try KeyPair.make()
    let old = AuthorizedKey("ana", roles: .responder, key: ana.publicKey, from: Self.past)
    let new = AuthorizedKey("ana", roles: .responder, key: second.publicKey, from: Self.past)
    let ring = KeyRing(try store([old, new]))
    let server = try await whoAmI(ring)
    let (before, after) = (try connection(server.endpoint, as: ana), try connection(server.endpoint, as: second))
    #expect(try await [name(before), name(after)] == ["ana responder", "ana responder"])
    var revoked = old
    revoked.revokedAt = Self.past
    ring.replace(try store([revoked, new]))
    #expect(await status { _ = try await name(before) } == .unauthenticated)
    #expect(try await name(after) == "ana responder")
  }

  /// libzmq gives a refused connection up for good: it is begun anew, and what waits goes out when the list has changed.
  @Test func whoeverIsPutOnTheListLaterComesIn() async throws {
    let ring = try ring()
    let server = try await whoAmI(ring)
    let late = try KeyPair.make()
    let connection = try connection(server.endpoint, as: late, endsWhenRefused: false)
    async let answer = name(connection, within: .seconds(30))
    while await server.onThread({ $0.connections[0].counts.handshakesFailed }) == 0 { await Task.yield() }
    ring.replace(try store([AuthorizedKey("ben", roles: .lead, key: late.publicKey, from: Self.past)]))
    #expect(try await answer == "ben lead")
  }

  // MARK: Limits

  /// Many connections give a key no more than one.
  @Test func aPrincipalsCallsInFlightAreCountedOverAllItsConnections() async throws {
    let second = try KeyPair.make()
    let ring = try ring(AuthorizedKey("prometheus", roles: .source, key: second.publicKey, from: Self.past))
    let held = Held()
    var limits = CallServer.Limits()
    limits.inFlightOfOne = 3
    let server = try await EchoServer(doors: [door(ring)], limits: limits) { server, call in
      call.principal.name == "ana" ? held.keep(call.handle) : server.answer(call.handle, .success([]))
    }
    func client(_ id: UInt8, _ own: KeyPair) -> RawClient {
      RawClient(
        server.endpoint, routingID: [9, 1, 2, 3, id], keys: ClientKeys(own: own, server: self.server.publicKey))
    }
    let (one, other, stranger) = (client(1, ana), client(2, ana), client(3, second))
    one.request(EchoServer.echo, callID: 1, [], checksum: 0)
    one.request(EchoServer.echo, callID: 2, [], checksum: 0)
    // Connections have no order among them.
    while held.all.count < 2 { await Task.yield() }
    other.request(EchoServer.echo, callID: 3, [], checksum: 0)
    while held.all.count < 3 { await Task.yield() }
    other.request(EchoServer.echo, callID: 4, [], checksum: 0)
    let refused = try #require(other.answer())
    #expect(refused.callID == 4 && refused.status == Status.resourceExhausted.rawValue)
    #expect(refused.message.contains("3 calls of ana are unanswered"))
    stranger.request(EchoServer.echo, callID: 5, [], checksum: 0)
    #expect(try #require(stranger.answer()).status == 0)
    await server.onThread { $0.answer(held.all[0], .success([])) }
    #expect(try #require(one.answer()).callID == 1)
    other.request(EchoServer.echo, callID: 6, [], checksum: 0)
    while held.all.count < 4 { await Task.yield() }
  }

  @Test func aCallSaysFromWhereAndByWhichKeyItCame() async throws {
    let server = try await EchoServer(doors: [door(ring())]) { server, call in
      server.answer(call.handle, .success(Array("\(call.from) \(call.key)".utf8)))
    }
    #expect(try await name(connection(server.endpoint, as: ana)) == "127.0.0.1 \(ana.publicKey.short)")
  }

  // MARK: Impostors

  /// A routing id is the client's to choose: it must bring neither the rights nor the answers of whoever had it before.
  @Test func aRoutingIDBringsNobodysRights() async throws {
    let second = try KeyPair.make()
    let held = Held()
    let ring = try ring(AuthorizedKey("prometheus", roles: .source, key: second.publicKey, from: Self.past))
    let server = try await EchoServer(doors: [door(ring)]) { server, call in
      if call.handle == held.all.first || held.all.isEmpty { return held.keep(call.handle) }
      server.answer(call.handle, .success(Array(call.principal.name.utf8)))
    }
    let id: [UInt8] = [9, 1, 2, 3, 4]
    var first: RawClient? = RawClient(
      server.endpoint, routingID: id, keys: ClientKeys(own: ana, server: self.server.publicKey))
    first?.request(EchoServer.echo, callID: 7, [], checksum: 0)
    while held.all.isEmpty { await Task.yield() }
    first = nil
    while await server.onThread({ $0.connections[0].counts.disconnected }) == 0 { await Task.yield() }
    let taker = RawClient(
      server.endpoint, routingID: id, keys: ClientKeys(own: second, server: self.server.publicKey))
    taker.request(EchoServer.echo, callID: 8, [], checksum: 0)
    let answer = try #require(taker.answer())
    #expect(answer.callID == 8 && String(decoding: answer.payload, as: UTF8.self) == "prometheus")
    await server.onThread { $0.answer(held.all[0], .success([1])) }
    #expect(taker.answer(within: 200) == nil)
  }

  // MARK: The tier's own knocking

  @Test func aLockedDoorPassesTheTest() async throws {
    let server = try await whoAmI(ring())
    let test = await server.onThread { $0.selfTest }
    #expect(test.trouble == "its doors were not tested yet")
    #expect(test.run() == SelfTest.Finding() && test.trouble == nil && test.remark == nil)
    // Its own knocking is nobody's refused key.
    #expect(await server.onThread { $0.connections[0].counts.handshakesFailed } == 0)
    #expect(await server.onThread { $0.turnedAway.isEmpty })
  }

  @Test func aDoorThatIsOpenIsFound() throws {
    // A CURVE server without a ZAP domain lets everybody in who knows its public key.
    let open = CurveSocket(server)
    let test = SelfTest([
      .init(
        name: "tiers", endpoint: open.endpoint, admission: Admission(door: "tiers", ring: try ring()),
        server: server.publicKey)
    ])
    #expect(test.run().breach == "a key that nobody knows was let in at the door for tiers")
    #expect(test.trouble != nil)
  }

  @Test func aDoorThatNobodyAnswersAtIsFound() throws {
    let admission = Admission(door: "tiers", ring: try ring())
    // Its domain is enforced, and no handler lives in its context.
    let dead = CurveSocket(server, domain: "nobody's")
    let silent = SelfTest([
      .init(name: "tiers", endpoint: dead.endpoint, admission: admission, server: server.publicKey)
    ])
    #expect(silent.run().trouble?.contains("nobody answers") == true && silent.run().breach == nil)
    let nobody = SelfTest([
      .init(name: "tiers", endpoint: "tcp://127.0.0.1:1", admission: admission, server: server.publicKey)
    ])
    #expect(nobody.run().trouble?.contains("nobody answers") == true)
  }

  /// A flood of handshakes there makes it silent: neither the start of a tier nor its health may hang on that.
  @Test func silenceWhereStrangersKnockIsARemarkOnly() throws {
    let dead = CurveSocket(server, domain: "nobody's")
    let test = SelfTest([
      .init(
        name: "sources", endpoint: dead.endpoint, admission: Admission(door: "sources", ring: try ring()),
        server: server.publicKey, isForStrangers: true)
    ])
    let finding = test.run()
    #expect(finding.breach == nil && finding.trouble == nil && test.trouble == nil)
    #expect(finding.remark?.contains("nobody answers at the door for sources") == true && test.remark == finding.remark)
  }

  @Test func aStrangersDoorThatIsOpenIsABreachAllTheSame() throws {
    let open = CurveSocket(server)
    let test = SelfTest([
      .init(
        name: "sources", endpoint: open.endpoint, admission: Admission(door: "sources", ring: try ring()),
        server: server.publicKey, isForStrangers: true)
    ])
    #expect(test.run().breach == "a key that nobody knows was let in at the door for sources")
    #expect(test.trouble != nil)
  }
}

/// A ROUTER that demands CURVE, as careless as a test wants it.
private final class CurveSocket {
  private let socket = zmq_socket(zmq_ctx_new(), ZMQ_ROUTER)
  let endpoint: String

  init(_ own: KeyPair, domain: String? = nil) {
    var (one, linger): (Int32, Int32) = (1, 0)
    zmq_setsockopt(socket, ZMQ_LINGER, &linger, 4)
    zmq_setsockopt(socket, ZMQ_CURVE_SERVER, &one, 4)
    zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, own.secret, 41)
    if let domain {
      zmq_setsockopt(socket, ZMQ_ZAP_DOMAIN, domain, domain.utf8.count)
      zmq_setsockopt(socket, 93, &one, 4)
    }
    zmq_bind(socket, "tcp://127.0.0.1:*")
    var text = [CChar](repeating: 0, count: 256)
    var size = text.count
    zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, &text, &size)
    endpoint = text.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
  }

  deinit {
    zmq_close(socket)
  }
}
