import Testing

@testable import Listening

/// The listener with real connections: who floods or dawdles keeps nobody out.
@Suite struct ListenerTests {
  /// "/good.." is answered well, anything else is refused; what begins with "/good" or "/forged" says that it is signed.
  private static func listener(_ limits: HTTPListener.Limits) throws -> HTTPListener {
    try HTTPListener("127.0.0.1:0", limits: limits) { request in
      request.path.hasPrefix("/link") ? .link : request.path == "/nowhere" ? .nothing : .signature
    } answer: { request, then in
      then(request.path.hasPrefix("/forged") ? .forbidden : request.path == "/nowhere" ? .notFound : .empty)
    }
  }

  @Test func forgeriesUseUpTheirOwnAllowanceAndNobodyElses() throws {
    var limits = HTTPListener.Limits()
    (limits.signedPerSecond, limits.signedBurst, limits.perSecond, limits.burst) = (0, 3, 0, 2)
    let listener = try Self.listener(limits)
    func status(_ path: String) throws -> Int {
      let caller = try Caller(listener.port)
      caller.say("GET \(path) HTTP/1.1\r\n\r\n")
      return caller.status()
    }
    #expect(try (1...3).map { _ in try status("/nowhere") } == [404, 404, 429])
    #expect(try (1...9).map { _ in try status("/link") } == Array(repeating: 200, count: 9))
    #expect(try (1...9).map { _ in try status("/good") } == Array(repeating: 200, count: 9))
    #expect(try (1...2).map { _ in try status("/forged") } == [403, 403])
    #expect(try (1...9).map { _ in try status("/good") } == Array(repeating: 200, count: 9))
    #expect(try status("/forged") == 403)
    #expect(try status("/forged") == 429)
  }

  @Test func whoDawdlesMakesRoomAndWhoHasSaidMoreStaysLonger() throws {
    var limits = HTTPListener.Limits()
    (limits.connections, limits.unfinished) = (4, 3)
    let listener = try Self.listener(limits)
    let nearly = try Caller(listener.port)
    nearly.say("POST /good HTTP/1.1\r\nContent-Length: 3\r\n\r\nab")
    let slow = try Caller(listener.port)
    slow.say("GET / HT")
    let silent = try Caller(listener.port)
    for _ in 1...8 {
      let caller = try Caller(listener.port)
      caller.say("GET /good HTTP/1.1\r\n\r\n")
      #expect(caller.status() == 200)
    }
    #expect(slow.status() == 408, "it came before the others that had said as little")
    nearly.say("c")
    #expect(nearly.status() == 200, "its head had arrived")
    silent.say("GET /good HTTP/1.1\r\n\r\n")
    #expect(silent.status() == 200)
  }
}
