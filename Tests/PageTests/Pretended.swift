import CivilTime
import Messages
import Serving
import Synchronization
import Wire

@testable import Pages

/// A site whose tiers answer what a test says, and what they were asked.
final class Pretended: Sendable {
  struct Asked: Sendable {
    var path: String
    var payload: [UInt8]
    var key: DeedKey?
  }
  typealias Answers = [String: @Sendable ([UInt8]) -> Result<[UInt8], Refusal>]

  static let secret = SiteSecret(Array(repeating: 7, count: SiteSecret.bytes))
  /// 2026-12-01 02:00:00 UTC
  static let start = Instant(milliseconds: 1_796_090_400_000)

  let site: Site
  let feed = EventFeed(readersAtMost: 2)
  let news = Mutex<[DoorNews]>([])
  private let asked = Mutex<[Asked]>([])
  private let clock = Mutex(start)
  private let answers = Mutex<Answers>([:])

  init(_ url: String = "https://tocsin.example.com", forwarded: ForwardedLogin? = nil, proxies: String = "") throws {
    let asks = Relayed()
    site = try Site(
      SiteSettings(
        url: SiteURL(url)!, secret: Self.secret, forwarded: forwarded,
        tells: { news in asks.owner.withLock { $0 }?.news.withLock { $0.append(news) } },
        proxies: TrustedProxies(proxies) ?? TrustedProxies(), zone: { $0.isEmpty ? .utc : nil },
        now: { asks.now() }),
      desk: Desk { _, path, payload, key in asks.answer(path, payload, key) }, feed: feed)
    asks.owner.withLock { $0 = self }
    answer(SignInsMethods.check) { SignInReply(person: $0.person, name: "Ana Alm", generation: 1) }
    answer(ScheduleMethods.listPeople) { _ in
      ListPeopleReply(
        people: [Person(id: "ana", name: "Ana Alm", team: "platform")],
        teams: [Team(id: "platform", name: "Platform")])
    }
  }

  /// Stands between, because a desk is made before its owner.
  private final class Relayed: Sendable {
    let owner = Mutex<Pretended?>(nil)

    func now() -> Instant { owner.withLock { $0 }?.now ?? Pretended.start }

    func answer(_ path: String, _ payload: [UInt8], _ key: DeedKey?) -> Result<[UInt8], Refusal> {
      owner.withLock { $0 }?.answered(path, payload, key) ?? .failure(Refusal(.unavailable, "nobody is there"))
    }
  }

  var now: Instant { clock.withLock { $0 } }
  func pass(_ span: Span) { clock.withLock { $0 = $0 + span } }

  func answer<Request, Reply>(
    _ method: Method<Request, Reply>, _ reply: @escaping @Sendable (Request) -> Reply
  ) {
    answers.withLock {
      $0[method.path] = { payload in
        guard let request = try? Request(decoding: payload) else { return .failure(Refusal(.internal, "unreadable")) }
        return .success(reply(request).encoded())
      }
    }
  }

  func refuse<Request, Reply>(_ method: Method<Request, Reply>, _ refusal: Refusal) {
    answers.withLock { $0[method.path] = { _ in .failure(refusal) } }
  }

  private func answered(_ path: String, _ payload: [UInt8], _ key: DeedKey?) -> Result<[UInt8], Refusal> {
    asked.withLock { $0.append(Asked(path: path, payload: payload, key: key)) }
    return answers.withLock { $0[path] }?(payload) ?? .failure(Refusal(.unavailable, "nobody answers \(path)"))
  }

  /// The requests of a method that came so far.
  func requests<Request, Reply>(_ method: Method<Request, Reply>) -> [Request] {
    asked.withLock { $0 }.filter { $0.path == method.path }.compactMap { try? Request(decoding: $0.payload) }
  }

  /// What made each of them the same call as another.
  func keys<Request, Reply>(_ method: Method<Request, Reply>) -> [DeedKey?] {
    asked.withLock { $0 }.filter { $0.path == method.path }.map(\.key)
  }

  // MARK: A browser

  /// - Parameter by: who has signed in.
  func get(_ path: String, by person: String? = nil, headers: [String: String] = [:]) async -> WebAnswer {
    await send("GET", path, by: person, headers: headers, body: "")
  }

  /// A form of the person's own page.
  func post(_ path: String, by person: String? = nil, _ fields: [String: String] = [:], headers: [String: String] = [:])
    async -> WebAnswer
  {
    var fields = fields
    if person != nil, fields["seal"] == nil { fields["seal"] = Self.secret.seal(Self.nonce, for: "form") }
    let body = fields.map { "\(PlainPath.escaped($0.key))=\(PlainPath.escaped($0.value))" }.joined(separator: "&")
    let usual = ["content-type": "application/x-www-form-urlencoded", "origin": site.settings.url.origin]
    return await send("POST", path, by: person, headers: usual.merging(headers) { $1 }, body: body)
  }

  static let nonce = "0123456789abcdef"

  static func session(
    _ person: String, until: Instant = start + .hours(1), generation: UInt64 = 1, nonce: String = nonce
  ) -> String {
    Session(person: person, generation: generation, expiresAt: until, nonce: nonce).token(secret)
  }

  func send(_ method: String, _ target: String, by person: String?, headers: [String: String], body: String) async
    -> WebAnswer
  {
    var headers = headers
    if let person { headers["cookie"] = "other=1; __Host-tocsin=\(Self.session(person, until: now + .hours(1)))" }
    let parts = target.split(separator: "?", maxSplits: 1)
    var head = WebHead(method, String(parts[0]), query: parts.count > 1 ? String(parts[1]) : "", headers: headers)
    head.from = "203.0.113.7"
    let request = WebRequest(head, body: Array(body.utf8))
    let path = head.path.split(separator: "/").map(String.init)
    for route in site.routes where route.methods.contains(method) {
      let pattern = route.path.split(separator: "/").map(String.init)
      guard pattern.count == path.count, zip(pattern, path).allSatisfy({ $0 == "*" || $0 == $1 }) else { continue }
      return await route.answer(request, zip(pattern, path).filter { $0.0 == "*" }.map { $0.1.removingEscapes })
    }
    return WebAnswer(404)
  }
}

extension String {
  fileprivate var removingEscapes: String { PercentText.plain(utf8) }
}

extension WebAnswer {
  var text: String { String(decoding: body, as: UTF8.self) }
}
