import Messages
import Serving
import Testing
import Wire

@testable import Pages

/// Bytes of strangers at each path: each is answered, nobody is let in by chance, and what comes back holds none of them as HTML.
@Suite struct StrangerTests {
  /// The same bytes in each run.
  private struct Bytes: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state ^ state >> 29
    }

    mutating func text(_ letters: [String], _ count: Int) -> String {
      (0..<Int.random(in: 0...count, using: &self)).map { _ in letters[Int.random(in: 0..<letters.count, using: &self)]
      }
      .joined()
    }
  }
  private static let letters = [
    "a", "7", ".", "=", "&", "%", "%0", "%41", "%00", "%FF", "+", ";", ",", " ", "<b>", "\"", "'", "\u{202E}", "\u{0}",
    "é", "{{",
    "616e61", "__Host-tocsin=", "said=", "seal=",
  ]

  @Test(arguments: 1...20) func areAnsweredAndLetInNowhere(seed: UInt64) async throws {
    let there = try Pretended()
    var random = Bytes(state: seed)
    var looked = 0
    for route in there.site.routes {
      for _ in 0..<12 {
        there.pass(.minutes(1))
        let body = random.text(Self.letters, 20)
        var head = WebHead(
          route.methods[0], route.path, query: random.text(Self.letters, 12),
          headers: [
            "cookie": random.text(Self.letters, 12),
            "origin": Bool.random(using: &random) ? there.site.settings.url.origin : "",
            "content-type": "application/x-www-form-urlencoded",
          ])
        head.from = "203.0.113.7"
        let wild = route.path.split(separator: "/").filter { $0 == "*" }.map { _ in random.text(Self.letters, 6) }
        let answer = await route.answer(WebRequest(head, body: Array(body.utf8)), wild)
        #expect(answer.status >= 200 && answer.headers["Set-Cookie"] == nil, "\(route.path)")
        #expect(answer.headers["Location"].map { $0.hasPrefix("/") && !$0.hasPrefix("//") } ?? true)
        #expect(!answer.text.contains("<b>") || route.path.hasPrefix("/assets"), "\(route.path)")
        looked += 1
      }
    }
    #expect(there.requests(EscalationMethods.acknowledge).isEmpty && there.requests(SignInsMethods.signOut).isEmpty)
    #expect(looked > 200)
  }
}
