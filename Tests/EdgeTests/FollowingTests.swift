import Foundation
import Messages
import Testing

@testable import Serving

/// Answers without end: who listens, for how long, and who is too slow for it.
@Suite struct FollowingTests {
  private static func server(_ feed: EventFeed, _ change: (inout ServingLimits) -> Void = { _ in }) throws -> Server {
    var limits = ServingLimits()
    change(&limits)
    return try Server(
      "127.0.0.1:0", limits: limits, threads: 1,
      answering: Answering(
        admits: { _ in .body(atMost: 10, isKnown: true) },
        answers: { _, answer in
          var following = WebAnswer(200)
          following.feed = feed
          answer(following)
        }, complains: { fault, _ in .text(503, fault.kind) }))
  }

  private static let ask = "GET /events HTTP/1.1\r\nHost: x\r\n\r\n"

  @Test func whoeverListensHearsWhatHappensUntilTheServerStops() throws {
    let feed = EventFeed(readersAtMost: 2)
    let server = try Self.server(feed)
    let raw = try RawConnection(to: server.port)
    raw.send(Self.ask)
    while feed.readers < 1 { sched_yield() }
    feed.tell("changed", "2f-1")
    server.stop()
    let said = raw.readToEnd()
    #expect(said.hasPrefix("HTTP/1.1 200 OK\r\n") && said.contains("text/event-stream"))
    #expect(said.lowercased().contains("transfer-encoding: chunked") && !said.lowercased().contains("content-length"))
    #expect(said.contains("event: changed\ndata: 2f-1\n\n") && said.hasSuffix("0\r\n\r\n"))
    #expect(feed.readers == 0)
  }

  /// A storm is told of in a few words, whatever it is made of; the first of it is told at once.
  @Test func newsThatComeTogetherAreToldTogether() throws {
    let feed = EventFeed(readersAtMost: 1)
    let server = try Self.server(feed) { $0.tellsEvery = .milliseconds(100) }
    let raw = try RawConnection(to: server.port)
    raw.send(Self.ask)
    while feed.readers < 1 { sched_yield() }
    feed.tell("changed", "2f-1")
    _ = raw.read(until: "data: 2f-1\n\n")
    for number in 0..<10_000 { feed.tell("changed", "2f-\(number)") }
    let said = raw.read(until: "data: all\n\n")
    #expect(said.components(separatedBy: "data: ").count <= 3, "\(said)")
    // Of another kind, so that on a slow machine it isn't one of what is still to be told.
    feed.tell("ended", "2f-7")
    #expect(raw.read(until: "data: 2f-7\n\n").hasSuffix("event: ended\ndata: 2f-7\n\n"))
    server.stop()
  }

  @Test func oneMoreThanMayListenIsTurnedAway() throws {
    let feed = EventFeed(readersAtMost: 1)
    let server = try Self.server(feed)
    let first = try RawConnection(to: server.port)
    first.send(Self.ask)
    while feed.readers < 1 { sched_yield() }
    let second = try RawConnection(to: server.port)
    second.send(Self.ask)
    #expect(second.readToEnd().hasPrefix("HTTP/1.1 503 "))
    #expect(feed.readers == 1)
    withExtendedLifetime(first) {}
  }

  @Test func whoHasListenedLongEnoughComesAgain() throws {
    let feed = EventFeed(readersAtMost: 1)
    let server = try Self.server(feed) { $0.followsFor = .milliseconds(100) }
    let raw = try RawConnection(to: server.port)
    raw.send(Self.ask)
    #expect(raw.readToEnd().hasSuffix("0\r\n\r\n"))
    #expect(feed.readers == 0)
    withExtendedLifetime(server) {}
  }

  /// It takes nothing, and what it is told would pile up.
  @Test func whoeverDoesNotTakeWhatTheyAreToldIsCutOff() throws {
    let feed = EventFeed(readersAtMost: 1)
    let server = try Self.server(feed) { $0.tellsEvery = .zero }
    let raw = try RawConnection(to: server.port)
    raw.send(Self.ask)
    while feed.readers < 1 { sched_yield() }
    let line = String(repeating: "x", count: 60_000)
    let end = Date() + 20
    // More than the buffers of a connection take.
    while feed.readers > 0, Date() < end {
      feed.tell("changed", line)
      sched_yield()
    }
    #expect(feed.readers == 0)
    withExtendedLifetime((raw, server)) {}
  }

  @Test func whoGoesListensNoMore() throws {
    let feed = EventFeed(readersAtMost: 1)
    let server = try Self.server(feed)
    do {
      let raw = try RawConnection(to: server.port)
      raw.send(Self.ask)
      while feed.readers < 1 { sched_yield() }
      withExtendedLifetime(raw) {}
    }
    let end = Date() + 10
    while feed.readers > 0, Date() < end { sched_yield() }
    #expect(feed.readers == 0)
    withExtendedLifetime(server) {}
  }
}
