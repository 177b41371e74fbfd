import Glibc
import Testing

@testable import Metrics

/// The figures of several tiers as one exposition.
@Suite struct GatheringTests {
  private static let labels = [Figure.Label("tier", "scheduler"), Figure.Label("instance", "scheduler")]

  private func sample(_ line: String) -> String? { MergedExposition.sample(line[...], Self.labels) }

  @Test func aSampleSaysWhoseItIsAndKeepsWhatItSaysAlready() {
    #expect(sample("a_total 3") == #"a_total{tier="scheduler",instance="scheduler"} 3"#)
    #expect(sample(#"a{le="+Inf"} 3"#) == #"a{tier="scheduler",instance="scheduler",le="+Inf"} 3"#)
    #expect(sample(#"a{} 3"#) == #"a{tier="scheduler",instance="scheduler"} 3"#)
    #expect(sample(#"a{tier="x",b="c"} 3"#) == #"a{instance="scheduler",tier="x",b="c"} 3"#)
    #expect(sample(#"a{tier="x",instance="y"} 3"#) == #"a{tier="x",instance="y"} 3"#)
    #expect(
      sample(#"a{b="} \" tier=\\",c="d"} 3"#) == #"a{tier="scheduler",instance="scheduler",b="} \" tier=\\",c="d"} 3"#,
      "what stands in a value is no label")
    for line in ["", "a", "{} 3", #"a{b="c 3"#, "<html> 3", "é 3"] { #expect(sample(line) == nil, "\(line)") }
  }

  @Test func aFigureOfSeveralTiersStandsTogetherWithOneHead() {
    var merged = MergedExposition()
    let text = """
      # HELP up Whether.
      # TYPE up gauge
      up 1
      # HELP took_seconds How long.
      # TYPE took_seconds histogram
      took_seconds_bucket{le="+Inf"} 2
      took_seconds_sum 1.5
      took_seconds_count 2

      """
    merged.add(text, [.init("tier", "a")])
    merged.add("nonsense\n<html>\n\(text)# HELP only Here.\n# TYPE only counter\nonly 7\n", [.init("tier", "b")])
    #expect(
      merged.text == """
        # HELP up Whether.
        # TYPE up gauge
        up{tier="a"} 1
        up{tier="b"} 1
        # HELP took_seconds How long.
        # TYPE took_seconds histogram
        took_seconds_bucket{tier="a",le="+Inf"} 2
        took_seconds_sum{tier="a"} 1.5
        took_seconds_count{tier="a"} 2
        took_seconds_bucket{tier="b",le="+Inf"} 2
        took_seconds_sum{tier="b"} 1.5
        took_seconds_count{tier="b"} 2
        # HELP only Here.
        # TYPE only counter
        only{tier="b"} 7

        """)
  }

  @Test func aPlaceIsANameAndAnAddressInNumbers() {
    #expect(GatheredPlace("alert-intake-2=127.0.0.1:9171")?.name == "alert-intake-2")
    #expect(GatheredPlace("alert-intake=[::1]:9171")?.name == "alert-intake")
    for text in [
      "scheduler", "scheduler=", "=127.0.0.1:1", "a b=127.0.0.1:1", "a=localhost:1", "a\"=127.0.0.1:1", "a=127.0.0.1:0",
    ] {
      #expect(GatheredPlace(text) == nil, "\(text)")
    }
  }

  /// A rule that sums by tier must not take two intakes for one, and an alarm must say which.
  @Test func twoIntakesAreTwoTiers() throws {
    var merged = MergedExposition()
    for name in ["alert-intake", "alert-intake-2"] {
      let place = try #require(GatheredPlace("\(name)=127.0.0.1:9171"))
      merged.add("# HELP open Open.\n# TYPE open gauge\nopen 3\n", place.labels)
    }
    #expect(
      merged.text == """
        # HELP open Open.
        # TYPE open gauge
        open{tier="alert-intake",instance="alert-intake"} 3
        open{tier="alert-intake-2",instance="alert-intake-2"} 3

        """)
  }

  @Test func onlyAWholeAnswerCounts() {
    func body(_ text: String) -> String? { GatheringRound.body(of: Array(text.utf8)) }
    #expect(body("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\na 1") == "a 1")
    #expect(body("HTTP/1.1 200 OK\r\n\r\na 1") == "a 1")
    for text in [
      "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\na 1", "HTTP/1.1 503 No\r\n\r\na 1",
      "HTTP/1.1 200 OK\r\nContent-Length: 3",
      "", "200",
    ] { #expect(body(text) == nil, "\(text)") }
  }

  @Test func whoeverHangsCostsItsTimeAndHidesNobody() throws {
    let loop = try LoopInTest { TierReport([Figure("tocsin_open", .gauge, "Open.", 3)], trouble: nil, at: $0) }
    let hanging = try HangingPort()
    let door = try #require(MetricsPlace("127.0.0.1:\(loop.port)"))
    let deadline = LoopInTest.now() + 60_000_000_000
    // The door begins to listen a moment after it was made.
    while GatheringRound.ask([door], within: 3_000)[0].text == nil, LoopInTest.now() < deadline { sched_yield() }
    let places = [door, hanging.place, try #require(MetricsPlace("127.0.0.1:1"))]
    let outcomes = GatheringRound.ask(places, within: 2_000)
    #expect(outcomes[0].text?.contains("tocsin_open 3\n") == true)
    #expect(outcomes[1].text == nil && outcomes[1].seconds >= 1.9, "\(outcomes[1].seconds) s")
    #expect(outcomes[2].text == nil && outcomes[2].seconds < 1.9)
  }

  /// The system takes connections for it, and nobody ever looks at them.
  private final class HangingPort {
    let place: MetricsPlace
    private let descriptor: Int32

    init() throws {
      descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_addr.s_addr = inet_addr("127.0.0.1")
      var size = socklen_t(MemoryLayout<sockaddr_in>.size)
      let (socket, code) = (
        descriptor,
        withUnsafeMutablePointer(to: &address) { [descriptor] in
          $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(descriptor, $0, size) + listen(descriptor, 8) + getsockname(descriptor, $0, &size)
          }
        }
      )
      try #require(code == 0 && socket >= 0)
      place = try #require(MetricsPlace("127.0.0.1:\(UInt16(bigEndian: address.sin_port))"))
    }

    deinit { close(descriptor) }
  }
}
