import Foundation
import Messages
import Synchronization
import Testing

@testable import Serving

/// A server on loopback, and what raw connections to it are told.
@Suite struct ServingTests {
  /// - Parameter asked: told of each request that is answered later, when it has come whole.
  private static func server(
    _ change: (inout ServingLimits) -> Void = { _ in }, asked: @escaping @Sendable () -> Void = {}
  ) throws -> Server {
    var limits = ServingLimits()
    change(&limits)
    return try Server(
      "127.0.0.1:0", limits: limits, threads: 1,
      answering: Answering(
        admits: {
          $0.path == "/no" ? .refused(.text(401, "no")) : .body(atMost: 1_000, isKnown: $0.header("key") == "known")
        },
        answers: { request, answer in
          if request.head.path == "/never" { return }
          if request.head.path == "/unchanged" { return answer(WebAnswer(304, headers: ["Cache-Control": "public"])) }
          if request.head.path.hasPrefix("/later") {
            asked()
            return DispatchQueue.global().asyncAfter(deadline: .now() + 0.05) {
              answer(.text(200, "\(request.head.path) \(request.body.count)"))
            }
          }
          answer(.text(200, "\(request.head.method) \(request.head.path)?\(request.head.query) \(request.body.count)"))
        },
        complains: { fault, head in
          .text(
            fault == .crowded ? 503 : fault == .tooSlow ? 408 : fault == .headTooLarge ? 431 : 400,
            "\(fault.kind) \(head?.path ?? "")")
        }))
  }

  /// All that is said until the connection ends.
  private static func said(_ server: Server, _ parts: String...) throws -> String {
    let raw = try RawConnection(to: server.port)
    for part in parts { raw.send(part) }
    return raw.readToEnd()
  }

  @Test func aRequestIsAnsweredAndTheConnectionGoesOn() throws {
    let server = try Self.server()
    let all = try Self.said(
      server, "POST /a?b=c HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabcGET /d HTTP/1.1\r\nHost: x\r\n\r\n",
      "HEAD /e HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    #expect(all.contains("POST /a?b=c 3HTTP/1.1 200 OK\r\n"))
    #expect(all.contains("GET /d? 0HTTP/1.1 200 OK\r\n"))
    #expect(all.hasSuffix("\r\n\r\n"), "a HEAD has no body: \(all)")
    #expect(all.components(separatedBy: "HTTP/1.1 200 OK").count == 4)
  }

  /// Every alert is answered from another thread, and the next request may be here by then.
  @Test func requestsThatArriveTogetherAreEachAnswered() throws {
    let server = try Self.server()
    let all = try Self.said(
      server,
      "POST /later1 HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcPOST /later2 HTTP/1.1\r\nContent-Length: 2\r\n\r\ndeGET /d HTTP/1.1\r\n\r\n"
        + "GET /e HTTP/1.1\r\nConnection: close\r\n\r\n")
    #expect(all.components(separatedBy: "HTTP/1.1 200 OK").count == 5, "\(all)")
    #expect(all.contains("/later1 3HTTP") && all.contains("/later2 2HTTP") && all.hasSuffix("GET /e? 0"))
  }

  @Test func aThousandRequestsInOneSegmentAreNoThousandCallsDeep() throws {
    let many = "GET /later HTTP/1.1\r\n\r\n" + String(repeating: "GET /d HTTP/1.1\r\n\r\n", count: 3_000)
    let all = try Self.said(Self.server(), many + "GET /e HTTP/1.1\r\nConnection: close\r\n\r\n")
    #expect(all.components(separatedBy: "HTTP/1.1 200 OK").count == 3_003)
  }

  @Test func aStopLetsWhatIsUnderWayBeAnsweredAndEndsTheRest() throws {
    let asked = DispatchSemaphore(value: 0)
    let server = try Self.server(asked: { asked.signal() })
    let (resting, asking) = (try RawConnection(to: server.port), try RawConnection(to: server.port))
    resting.send("GET /a HTTP/1.1\r\n\r\n")
    asking.send("POST /later HTTP/1.1\r\nContent-Length: 9\r\n\r\n")
    while server.connections < 2 { sched_yield() }
    asking.send("123456789")
    asked.wait()
    server.stop()
    let said = asking.readToEnd()
    #expect(said.contains("Connection: close") && said.hasSuffix("/later 9"), "\(said)")
    #expect(resting.readToEnd().hasSuffix("GET /a? 0"))
    while server.connections > 0 { sched_yield() }
  }

  @Test func bodiesComeInChunksToo() throws {
    let all = try Self.said(
      Self.server(),
      "POST /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
      "2\r\nde\r\n0\r\n\r\n")
    #expect(all.hasSuffix("POST /a? 5"))
  }

  @Test func whatIsTooMuchIsRefusedBeforeItIsRead() throws {
    let server = try Self.server()
    #expect(try Self.said(server, "POST /a HTTP/1.1\r\nContent-Length: 1001\r\n\r\n").hasSuffix("body_too_large /a"))
    #expect(
      try Self.said(
        server, "POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "3e9\r\n\(String(repeating: "x", count: 1_001))"
      )
      .hasSuffix("body_too_large /a"))
    #expect(try Self.said(server, "POST /no HTTP/1.1\r\nContent-Length: 5\r\n\r\n").hasPrefix("HTTP/1.1 401"))
    #expect(
      try Self.said(server, "GET /\(String(repeating: "a", count: 20_000)) HTTP/1.1\r\n\r\n").hasPrefix("HTTP/1.1 431"))
    #expect(
      try Self.said(server, "GET / HTTP/1.1\r\n\(String(repeating: "a: b\r\n", count: 101))\r\n").hasPrefix(
        "HTTP/1.1 431"))
    #expect(try Self.said(server, "hello\r\n\r\n").hasPrefix("HTTP/1.1 400"))
    #expect(server.bodyBytes == 0)
  }

  @Test func whoDawdlesIsCutOff() throws {
    let server = try Self.server {
      $0.headWithin = .milliseconds(300)
      $0.bodyWithin = .milliseconds(300)
      $0.restsWithin = .milliseconds(300)
      $0.answersWithin = .milliseconds(300)
    }
    #expect(try Self.said(server, "GET / HT").hasSuffix("too_slow "))
    #expect(try Self.said(server, "POST /a HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc").hasSuffix("too_slow /a"))
    #expect(
      try Self.said(server, "GET /a HTTP/1.1\r\n\r\n").hasSuffix("GET /a? 0"), "rests, and is ended without a word")
    #expect(try Self.said(server, "GET /never HTTP/1.1\r\n\r\n").hasSuffix("unanswered /never"))
    #expect(try Self.said(server) == "")
    #expect(server.bodyBytes == 0)
  }

  @Test func bodiesTogetherHaveABoundAndSmallOnesAPartOfTheirOwn() {
    let room = BodyRoom(bytesAtMost: 1_000_000)
    let large = BodyRoom.smallBytes + 1
    #expect(room.take(800_000, whole: large))
    #expect(!room.take(1, whole: large))
    #expect(room.take(200_000, whole: 200_000 / 4))
    #expect(!room.take(1, whole: 1))
    room.giveBack(200_000)
    #expect(room.take(1, whole: 1))
  }

  @Test func whoHasNoKeyKeepsOutNobodyWhoHasOne() {
    let room = BodyRoom(bytesAtMost: 1_000_000)
    let large = BodyRoom.smallBytes + 1
    #expect(room.take(200_000, whole: large, isKnown: false))
    #expect(!room.take(1, whole: large, isKnown: false))
    #expect(room.take(50_000, whole: 50_000, isKnown: false))
    #expect(!room.take(1, whole: 1, isKnown: false), "a quarter of it is all that strangers have")
    #expect(room.take(550_000, whole: large))
    #expect(room.bytesTaken == 800_000, "what was refused is taken from nobody")
    room.giveBack(250_000, isKnown: false)
    #expect(
      room.take(250_000, whole: large, isKnown: false) == false && room.take(200_000, whole: large, isKnown: false))
  }

  /// It waits for the answer with its own side closed, as some senders do.
  @Test func whoHasSaidAllIsAnsweredStill() throws {
    let server = try Self.server()
    for path in ["/a", "/later"] {
      let raw = try RawConnection(to: server.port)
      raw.send("POST \(path) HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc")
      raw.endSending()
      #expect(raw.readToEnd().hasSuffix(" 3"), "\(path)")
    }
    let cut = try RawConnection(to: server.port)
    cut.send("POST /a HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc")
    cut.endSending()
    #expect(cut.readToEnd().hasPrefix("HTTP/1.1 400 "), "half of a body is none")
    let silent = try RawConnection(to: server.port)
    silent.endSending()
    #expect(silent.readToEnd() == "")
    while server.connections > 0 { sched_yield() }
    #expect(server.bodyBytes == 0)
  }

  @Test func whoAsksWhetherToGoOnIsToldSoWhateverItsBodyLooksLike() throws {
    let server = try Self.server()
    for (length, body) in [("Content-Length: 3", "abc"), ("Transfer-Encoding: chunked", "3\r\nabc\r\n0\r\n\r\n")] {
      let raw = try RawConnection(to: server.port)
      raw.send("POST /a HTTP/1.1\r\nExpect: 100-continue\r\nConnection: close\r\n\(length)\r\n\r\n")
      #expect(raw.read(until: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
      raw.send(body)
      #expect(raw.readToEnd().hasSuffix("POST /a? 3"))
    }
    #expect(
      try Self.said(server, "POST /no HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n").hasPrefix(
        "HTTP/1.1 401 "), "no body is asked for that nobody wants")
  }

  @Test func whoHasSaidNothingForLongestMakesRoom() throws {
    let server = try Self.server { $0.connections = 3 }
    let first = try RawConnection(to: server.port)
    first.send("GET / HT")
    while server.connections < 1 { sched_yield() }
    let busy = try RawConnection(to: server.port)
    busy.send("GET /never HTTP/1.1\r\n\r\n")
    let third = try RawConnection(to: server.port)
    while server.connections < 3 { sched_yield() }
    let fourth = try RawConnection(to: server.port)
    #expect(first.readToEnd() == "")
    for connection in [third, fourth] {
      connection.send("GET /a HTTP/1.1\r\nConnection: close\r\n\r\n")
      #expect(connection.readToEnd().hasSuffix("GET /a? 0"))
    }
    #expect(server.connectionsSentAway == 1)
  }

  /// Nobody rests: strangers who dawdle go first, and who is known stays.
  @Test func whereNobodyRestsStrangersMakeRoomAndThenNobody() throws {
    let server = try Self.server { $0.connections = 2 }
    let known = try RawConnection(to: server.port)
    known.send("POST /a HTTP/1.1\r\nKey: known\r\nConnection: close\r\nContent-Length: 4\r\n\r\nab")
    let stranger = try RawConnection(to: server.port)
    stranger.send("POST /a HTTP/1.1\r\nContent-Length: 9\r\n\r\nab")
    while server.bodyBytes < 4 { sched_yield() }
    let second = try RawConnection(to: server.port)
    second.send("POST /a HTTP/1.1\r\nKey: known\r\nConnection: close\r\nContent-Length: 4\r\n\r\nab")
    #expect(stranger.readToEnd() == "" && server.connectionsSentAway == 1)
    while server.bodyBytes != 4 || server.connections != 2 { sched_yield() }
    let third = try RawConnection(to: server.port)
    #expect(third.readToEnd().hasSuffix("crowded "), "there is no room, and it is told so")
    #expect(server.connectionsTurnedAway == 1)
    for connection in [known, second] {
      connection.send("cd")
      #expect(connection.readToEnd().hasSuffix("POST /a? 4"))
    }
    while server.connections > 0 { sched_yield() }
  }

  @Test func whatHasNoBodySaysNothingOfItsLength() throws {
    let all = try Self.said(Self.server(), "GET /unchanged HTTP/1.1\r\nConnection: close\r\n\r\n")
    #expect(all.hasPrefix("HTTP/1.1 304 ") && all.contains("Cache-Control: public\r\n"))
    #expect(!all.contains("Content-Length") && !all.contains("no-store"), "\(all)")
  }
}
