import Messages
import Serving
import Synchronization
import Wire

/// The pages for people: who is on call, incidents and what can be done about them, the schedule, swaps, the handoff.
///
/// Knows nothing by itself: each page is asked of the tiers when it is shown, each deed is a call in the name of who has signed in,
/// and the tiers decide. Any number of copies can run.
public final class Site: Sendable {
  /// What a form may hold; an update's texts are the longest.
  private static let bodyAtMost = 64 * 1_024

  let settings: SiteSettings
  let desk: Desk
  let printer: Printer
  let standings: Standings
  /// Of codes that are asked for and entered. An office has one address, and all have that of a proxy that isn't named: so many that a
  /// team never notices.
  let doorstep = Doorstep(triesAtMost: 300)
  let assets = Assets()
  let cookies: Cookies
  let feed: EventFeed
  /// Who is who, as it was last told: names stay while the scheduler is away.
  let lastRoster = Mutex(ListPeopleReply())

  /// - Parameter feed: told of each incident that changes, by its id ("changed").
  public init(_ settings: SiteSettings, desk: Desk, feed: EventFeed) throws(SiteFault) {
    self.settings = settings
    self.desk = desk
    self.feed = feed
    printer = try Printer(assets, settings.url)
    standings = Standings(desk)
    cookies = Cookies(url: settings.url)
  }

  public var routes: [PageRoute] {
    entries.map { entry in
      PageRoute(
        methods: entry.methods, path: entry.path, bodyAtMost: entry.methods.contains("POST") ? Self.bodyAtMost : 0
      ) { [self] request, wild in await answer(request, wild, entry) }
    }
  }

  private var entries: [PageEntry] {
    [
      .shows("/") { [self] visit throws(Refusal) in try await overview(visit) },
      .shows("/incidents") { [self] visit throws(Refusal) in try await incidents(visit) },
      .shows("/incidents/*") { [self] visit throws(Refusal) in try await incident(visit) },
      .does("/incidents/*/acknowledge") { [self] visit throws(Refusal) in try await acknowledge(visit) },
      .does("/incidents/*/escalate", again: { [self] in again(.escalate, $0, $1) }) {
        [self] visit throws(Refusal) in try await escalate(visit)
      },
      .does("/incidents/*/update", again: { [self] in again(.update, $0, $1) }) {
        [self] visit throws(Refusal) in try await update(visit)
      },
      .does("/incidents/*/resolve", again: { [self] in again(.resolve, $0, $1) }) {
        [self] visit throws(Refusal) in try await resolve(visit)
      },
      .shows("/schedule") { [self] visit throws(Refusal) in try await schedule(visit) },
      .shows("/swaps") { [self] visit throws(Refusal) in try await swaps(visit) },
      .does("/swaps/*/agree") { [self] visit throws(Refusal) in try await answerSwap(visit, agrees: true) },
      .does("/swaps/*/decline") { [self] visit throws(Refusal) in try await answerSwap(visit, agrees: false) },
      .shows("/handoff") { [self] visit throws(Refusal) in try await handoff(visit) },
      .does("/handoff/tick") { [self] visit throws(Refusal) in try await tickHandoff(visit) },
      .does("/handoff/sign") { [self] visit throws(Refusal) in try await signHandoff(visit) },
      .does("/handoff/accept") { [self] visit throws(Refusal) in try await acceptHandoff(visit) },
      .shows("/live") { [self] visit throws(Refusal) in listen(visit) },
      .shows("/sign-in", .anybody) { [self] visit throws(Refusal) in askWho(visit) },
      .does("/sign-in", .anybody, again: { [self] in askAgain($0, $1) }) {
        [self] visit throws(Refusal) in try await sendCode(visit)
      },
      .does("/sign-in/code", .anybody, again: { [self] in codeAgain($0, $1) }) {
        [self] visit throws(Refusal) in try await enterCode(visit)
      },
      .shows("/sign-in/link/*/*", .anybody) { [self] visit throws(Refusal) in showLink(visit) },
      .does("/sign-in/link/*/*", .anybody) { [self] visit throws(Refusal) in try await enterLink(visit) },
      .does("/sign-out") { [self] visit throws(Refusal) in await signOut(visit) },
      .does("/sign-out/everywhere") { [self] visit throws(Refusal) in try await signOutEverywhere(visit) },
      .shows("/answer/*", .bearer) { [self] visit throws(Refusal) in try await showAnswer(visit) },
      .does("/answer/*", .bearer) { [self] visit throws(Refusal) in try await giveAnswer(visit) },
      .shows("/assets/*/*", .bearer) { [self] visit throws(Refusal) in try asset(visit) },
    ]
  }

  // MARK: Through the door

  private func answer(_ request: WebRequest, _ wild: [String], _ entry: PageEntry) async -> WebAnswer {
    var visit = Visit(
      request: request, from: settings.proxies.client(of: request.head), wild: wild, now: settings.now())
    // What another site's page has typed isn't shown as if the reader had.
    let again = Crossing.isNamedOurs(request.head, settings.url) ? entry.again : nil
    do throws(Refusal) {
      if entry.door != .bearer {
        visit.visitor = try await visitor(of: request.head, at: visit.now)
        visit.said = notice(in: visit)
      }
      if entry.door == .visitor, visit.visitor == nil {
        // What was typed stands nowhere but in this request.
        guard again != nil else { return toSignIn(visit) }
        throw Refusal(.permissionDenied, "your session has ended")
      }
      if request.head.method == "POST", entry.door != .bearer { try checkForm(visit, entry) }
      return try await entry.handler(visit)
    } catch {
      return again?(visit, error) ?? failure(error, visit)
    }
  }

  /// By their session, or by what a proxy of ours says of them.
  private func visitor(of head: WebHead, at now: Instant) async throws(Refusal) -> Visitor? {
    if let person = forwardedPerson(of: head) {
      let known = try await standings.standing(of: person, at: now)
      guard !known.person.isEmpty else {
        throw Refusal(.permissionDenied, "you are signed in as \(person), and nobody here is called that")
      }
      return Visitor(
        id: known.person, name: known.name, formSeal: settings.secret.seal(person, for: "form of a forwarded login"))
    }
    guard let token = cookies.session(of: head), let session = Session(token, settings.secret, at: now) else {
      return nil
    }
    let known = try await standings.standing(of: session.person, at: now)
    guard known.person == session.person, known.generation == session.generation, !known.ended.contains(session.nonce)
    else { return nil }
    return Visitor(
      id: known.person, name: known.name, formSeal: settings.secret.seal(session.nonce, for: "form"), session: session)
  }

  private func forwardedPerson(of head: WebHead) -> String? {
    switch settings.forwarded?.word(of: head) {
    case .person(let person): return person
    case .ignored(let why): settings.tells(.ignoredLogin(why, from: head.from))
    case .nobody, nil: break
    }
    return nil
  }

  private func checkForm(_ visit: Visit, _ entry: PageEntry) throws(Refusal) {
    let head = visit.request.head
    guard head.mediaType == "application/x-www-form-urlencoded" || visit.request.body.isEmpty else {
      throw .invalid("content-type", "a form is needed")
    }
    let isTheirs = entry.door == .anybody || visit.visitor.map { $0.formSeal == visit.form["seal"] } ?? false
    guard Crossing.isOurs(head, settings.url) else {
      throw Refusal(
        .permissionDenied, "this did not come from a page of Tocsin: go back, load the page anew, and try again")
    }
    guard isTheirs else {
      throw Refusal(.permissionDenied, "this was shown in another session than yours now: look anew, and send it again")
    }
  }

  /// What makes a form that comes twice the same deed; nil for one that doesn't say which it is.
  func key(of visit: Visit) -> DeedKey? {
    guard let visitor = visit.visitor, let nonce = FormNonce(visit.form["once"], at: visit.now) else { return nil }
    return nonce.key(sealed: visitor.formSeal, by: settings.secret, at: visit.now)
  }

  /// Where they come back to afterwards is theirs to say, as long as it is here.
  private func toSignIn(_ visit: Visit) -> WebAnswer {
    let head = visit.request.head
    guard head.path != "/live" else { return WebAnswer(401) }
    let isPage = head.method != "POST" && head.path != "/"
    let path = isPage ? head.path + (head.query.isEmpty ? "" : "?\(head.query)") : ""
    return WebAnswer(303, headers: ["Location": "/sign-in\(path.isEmpty ? "" : "?to=\(PlainPath.escaped(path))")"])
  }

  // MARK: What becomes of a deed

  /// Back to a page, which says what came of it.
  func back(to path: String, saying words: String, at now: Instant) -> WebAnswer {
    let body = "\(now.milliseconds).\(HexText.of(String(words.prefix(400)).utf8))"
    let mark = path.contains("?") ? "&" : "?"
    return WebAnswer(
      303, headers: ["Location": "\(path)\(mark)said=\(body).\(settings.secret.seal(body, for: "notice"))"])
  }

  /// Sealed, so that no link can put words into our mouth, and shown once: for a minute.
  private func notice(in visit: Visit) -> String {
    let given = visit.query["said"]
    guard let dot = given.lastIndex(of: ".") else { return "" }
    let body = String(given[..<dot])
    let parts = body.split(separator: ".")
    guard settings.secret.isSeal(given[given.index(after: dot)...], of: body, for: "notice"), parts.count == 2,
      let made = Int64(parts[0]), abs(visit.now.milliseconds - made) < 60_000, let bytes = HexText.bytes(parts[1])
    else { return "" }
    return String(decoding: bytes, as: UTF8.self)
  }

  // MARK: What can't be shown

  func failure(_ refusal: Refusal, _ visit: Visit) -> WebAnswer {
    let (status, title) = Self.words(of: refusal.status)
    return printer.page(
      "failure", title,
      [
        "words": .text(refusal.message), "again": .flag(refusal.status.isWorthRetrying),
        "back": .text(visit.request.head.method == "POST" ? "" : Self.local(visit.request.head.path)),
      ], for: visit, status: status, headers: Self.headers(of: refusal))
  }

  static func headers(of refusal: Refusal) -> [String: String] {
    [503, 429].contains(words(of: refusal.status).status) ? ["Retry-After": "5"] : [:]
  }

  /// Whether a browser shows a session that was made here and is not over; whether its person has ended it is not asked.
  public func hasSession(_ head: WebHead) -> Bool {
    cookies.session(of: head).flatMap { Session($0, settings.secret, at: settings.now()) } != nil
  }

  /// In the shape of a page, for what has no route or isn't understood.
  public func failure(_ status: Int, _ words: String, _ head: WebHead?) -> WebAnswer {
    let visit = Visit(request: WebRequest(head ?? WebHead("GET", "/")), now: settings.now())
    return printer.page("failure", Self.title(status), ["words": .text(words)], for: visit, status: status)
  }

  private static func title(_ status: Int) -> String {
    switch status {
    case 404: "There is no such page"
    case 413: "That is too much"
    case 408, 503: "Not now"
    default: "That can't be done"
    }
  }

  static func words(of status: Status) -> (status: Int, title: String) {
    switch status {
    case .invalidArgument, .outOfRange: (400, "That can't be done so")
    case .unauthenticated: (503, "Not now")
    case .permissionDenied: (403, "That isn't yours to do")
    case .notFound: (404, "There is no such thing")
    case .failedPrecondition, .alreadyExists: (409, "That can't be done now")
    case .resourceExhausted: (429, "Too much at once")
    case .unavailable, .deadlineExceeded, .aborted, .cancelled, .unknown, .dataLoss: (503, "Not now")
    case .ok, .unimplemented, .internal: (500, "Something is wrong here")
    }
  }

  // MARK: Small things

  private func asset(_ visit: Visit) throws(Refusal) -> WebAnswer {
    guard let asset = assets.asset(at: visit.request.head.path) else { throw .notFound("there is no such file") }
    return asset.answer
  }

  private func listen(_ visit: Visit) -> WebAnswer {
    var answer = WebAnswer(200)
    answer.feed = feed
    return answer
  }
}
