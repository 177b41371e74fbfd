import Logging
import Messages
import Serving
import Subscribing
import Synchronization
import Testing

@testable import Relaying

/// What the gateway shows to others: asked once for a crowd, old where it must be, and by nobody's name.
@Suite struct NoticeboardTests {
  private final class Tier: Sendable {
    let asked = Mutex<[@Sendable (Result<Int, Refusal>) -> Void]>([])
    let now = Mutex<UInt64>(1)
    let told = Mutex<[String]>([])

    var kept: Kept<Int> {
      Kept(goodFor: .seconds(5), now: { self.now.withLock { $0 } }) { then in self.asked.withLock { $0.append(then) } }
    }

    func pass(_ seconds: UInt64) { now.withLock { $0 += seconds * 1_000_000_000 } }

    func get(_ kept: Kept<Int>) {
      kept.get { answer, refusal in
        self.told.withLock {
          $0.append((answer.map { "\($0.value)" } ?? "nothing") + (refusal.map { " \($0.status.name)" } ?? ""))
        }
      }
    }

    /// What was told since the last look.
    var news: [String] {
      told.withLock { told in
        defer { told = [] }
        return told
      }
    }

    func answer(_ result: Result<Int, Refusal>) {
      for then in asked.withLock({ asked in
        defer { asked = [] }
        return asked
      }) { then(result) }
    }

    var calls: Int { asked.withLock { $0.count } }
  }

  @Test func aCrowdCostsOneCallAlsoWhileNobodyAnswers() {
    let tier = Tier()
    let kept = tier.kept
    for _ in 0..<100 { tier.get(kept) }
    #expect(tier.calls == 1 && tier.news == [])
    tier.answer(.success(7))
    #expect(tier.news == Array(repeating: "7", count: 100))
    tier.pass(4)
    tier.get(kept)
    #expect(tier.calls == 0 && tier.news == ["7"])
    tier.pass(2)
    for _ in 0..<3 { tier.get(kept) }
    #expect(tier.calls == 1)
    tier.answer(.failure(Refusal(.unavailable, "gone")))
    #expect(tier.news == Array(repeating: "7 UNAVAILABLE", count: 3), "the last that was known, and that it is old")
    tier.get(kept)
    #expect(tier.calls == 0 && tier.news == ["7 UNAVAILABLE"], "a tier that is gone isn't asked by each")
    tier.pass(6)
    tier.get(kept)
    tier.answer(.success(8))
    #expect(tier.news == ["8"])
  }

  @Test func beforeAnythingWasKnownThereIsNothing() {
    let tier = Tier()
    tier.get(tier.kept)
    tier.answer(.failure(Refusal(.deadlineExceeded, "slow")))
    #expect(tier.news == ["nothing DEADLINE_EXCEEDED"])
  }

  @Test func anEntityTagIsFoundAmongOthers() {
    let tag = EntityTag(of: Array("text".utf8))
    #expect(tag.text.hasPrefix("\"") && tag.text.hasSuffix("\"") && tag.text.count == 34)
    for given in [tag.text, "W/\(tag.text)", "\"x\", \(tag.text)", "\"x\",W/\(tag.text) , \"y\"", "*"] {
      #expect(tag.isAmong(given), "\(given)")
    }
    for given in ["", "\"x\"", String(tag.text.dropFirst().dropLast()), "W/"] {
      #expect(!tag.isAmong(given), "\(given)")
    }
  }

  @Test func withoutATierThereIsNoSuchPath() {
    let folder = NoticeboardFolder(path: "/nowhere", hasKeys: true)
    let log = Logger(label: "test")
    let none = Noticeboard(folder, scheduler: nil, escalator: nil, title: "Status", log: log)
    #expect(none.routes(stranger: {}).isEmpty)
    let both = Noticeboard(
      folder, scheduler: "tcp://127.0.0.1:1", escalator: "tcp://127.0.0.1:1", title: "Status", log: log)
    #expect(
      both.routes(stranger: {}).map { "/" + $0.path.joined(separator: "/") } == [
        "/calendar/*", "/status", "/status.json", "/status.atom",
      ])
  }

  @Test func anAddressThatNobodyWasGivenIsToldNothing() {
    let log = Logger(label: "test")
    let board = Noticeboard(
      NoticeboardFolder(path: "/nowhere", hasKeys: true), scheduler: "tcp://127.0.0.1:1", escalator: nil, title: "",
      log: log)
    let strangers = Mutex(0)
    let route = board.routes(stranger: { strangers.withLock { $0 += 1 } })[0]
    let told = Mutex<[Int]>([])
    for name in ["guessed.ics", "guessed", ".ics", ""] {
      route.handle(Asked(request: WebRequest(WebHead("GET", "/calendar/\(name)")), wild: [name], integration: nil)) {
        answer in told.withLock { $0.append(answer.status) }
      }
    }
    #expect(told.withLock { $0 } == [404, 404, 404, 404] && strangers.withLock { $0 } == 4)
  }
}
