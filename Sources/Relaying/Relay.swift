import Logging
import Messages
import Pages
import Serving
import Synchronization

/// Finds for each request its route and its source, and tells what became of it.
final class Relay: Sendable {
  let integrations: Integrations
  let tally: Tally
  let log: Logger
  /// Whether intake can be reached, as far as is known here.
  let isReady: @Sendable () -> Bool
  private let pages: Site?
  private let workbench = Workbench()
  private let routes = Mutex<[Route]>([])

  init(
    _ integrations: Integrations, noticeboard: Noticeboard? = nil, pages: Site? = nil, tally: Tally, log: Logger,
    isReady: @escaping @Sendable () -> Bool
  ) {
    self.integrations = integrations
    self.pages = pages
    self.tally = tally
    self.log = log
    self.isReady = isReady
    let all =
      healthRoutes() + pagerDutyRoutes() + alertmanagerRoutes() + grafanaRoutes() + opsgenieRoutes() + goAlertRoutes()
      + plainRoutes() + (noticeboard?.routes(stranger: { tally.strangers() }) ?? [])
      + (pages.map { pageRoutes($0) } ?? [])
    routes.withLock { $0 = all }
  }

  var answering: Answering {
    Answering(
      admits: { [self] in admit($0) }, answers: { [self] in answer($0, then: $1) },
      complains: { [self] in complain($0, $1) })
  }

  // MARK: Finding

  private enum Found {
    case route(Route, wild: [String])
    /// The path is there, and takes these methods.
    case others([String])
    case nothing
  }

  private func find(_ head: WebHead) -> Found {
    let parts = Route.parts(head.path)
    var methods: [String] = []
    for route in routes.withLock({ $0 }) {
      guard let wild = route.match(parts) else { continue }
      if route.methods.contains(head.method) { return .route(route, wild: wild.map { PercentText.plain($0.utf8) }) }
      methods += route.methods
    }
    return methods.isEmpty ? .nothing : .others(methods)
  }

  private func admit(_ head: WebHead) -> Answering.Admission {
    switch find(head) {
    case .nothing: return .refused(nothing(at: head))
    case .others(let methods):
      var answer = words(for: head).refused(405, "this path takes \(methods.joined(separator: ", "))")
      answer.headers["Allow"] = methods.joined(separator: ", ")
      return .refused(answer)
    case .route(let route, _):
      if let refusal = route.refusal { return .refused(refusal) }
      let isKnown = integration(of: head) != nil
      guard route.proof == .key, !isKnown else {
        return .body(atMost: route.bodyAtMost, isKnown: isKnown || pages?.hasSession(head) == true)
      }
      tally.strangers()
      return .refused(route.words.stranger())
    }
  }

  /// In the words of whoever asks: a browser, or a sender.
  private func nothing(at head: WebHead) -> WebAnswer {
    guard let pages, head.header("accept").contains("text/html") else {
      return words(for: head).refused(404, "nothing is taken here")
    }
    return pages.failure(404, "Nothing is here. It may have had another address.", head)
  }

  private func answer(_ request: WebRequest, then answer: @escaping Answering.Answer) {
    guard case .route(let route, let wild) = find(request.head) else { return answer(.text(404, "")) }
    let integration = route.proof == .key ? integration(of: request.head) : nil
    guard route.proof != .key || integration != nil else { return answer(route.words.stranger()) }
    let asked = Asked(request: request, wild: wild, integration: integration)
    guard request.body.count > Workbench.smallBytes else { return route.handle(asked, answer) }
    // Who has its key in the body, and in the address too, is known before the body is read.
    let source = integration?.source ?? self.integration(of: request.head)?.source
    workbench.does(for: source) { route.handle(asked, answer) }
  }

  private func integration(of head: WebHead) -> Integration? {
    Credentials.keys(of: head).lazy.compactMap { [integrations] in integrations.named(by: $0) }.first
  }

  // MARK: Complaining

  private func complain(_ fault: Answering.Fault, _ head: WebHead?) -> WebAnswer {
    let words = head.map { self.words(for: $0) } ?? PlainWords()
    tell(fault, head)
    switch fault {
    case .malformed: return words.refused(400, "this is no request as HTTP/1.1 has it")
    case .headTooLarge: return words.refused(431, "the request's head has too many bytes or fields")
    case .bodyTooLarge(let bytes): return words.tooLarge(atMost: bytes)
    // No sender that we know tries again after 408, whoever it may be.
    case .tooSlow: return words.later("it did not arrive in time", after: 2, isThrottle: false)
    case .crowded: return words.later("too much arrives at once", after: 2, isThrottle: false)
    case .unanswered: return words.later("there was no answer in time", after: 2, isThrottle: false)
    }
  }

  /// Those of the path, or of the path that is most like it: a sender that mistakes a path reads no other shape than its own.
  private func words(for head: WebHead) -> any AnswerWords {
    if case .route(let route, _) = find(head) { return route.words }
    let parts = Route.parts(head.path)
    let all = routes.withLock { $0 }
    guard let most = all.map({ $0.shared(with: parts) }).max(), most > 0 else { return PlainWords() }
    return all.first { $0.shared(with: parts) == most }?.words ?? PlainWords()
  }

  /// What is wrong with requests as HTTP: a line for each kind a minute, without the path, which may hold a secret.
  private func tell(_ fault: Answering.Fault, _ head: WebHead?) {
    guard tally.isNews("http \(fault.kind)") else { return }
    let route = head.flatMap { head -> String? in
      if case .route(let route, _) = find(head) { "to /\(route.path.joined(separator: "/")) " } else { nil }
    }
    log.warning(
      "a request \(route ?? "")was ended: \(fault.kind) (tocsin_gateway_faults_total counts them)")
  }

  // MARK: Publishing

  /// Publishes and answers: by `taken`, with the events as they were published, when all of it is on disk, else by the format's own words.
  ///
  /// - Parameter never: the answer where intake will never take some of them, by what became of each; nil: the format's own.
  func publish(
    _ events: [Event], of integration: Integration, from asked: Asked, as format: String, words: any AnswerWords,
    answer: @escaping Answering.Answer, never: @escaping @Sendable ([Published]) -> WebAnswer? = { _ in nil },
    taken: @escaping @Sendable ([Event], [PublishReply]) -> WebAnswer
  ) {
    guard isProven(integration, as: format) else { return answer(words.stranger()) }
    guard let publisher = integrations.publisher(of: integration) else {
      return answer(words.later("this source has no connection to alert-intake", after: 2, isThrottle: false))
    }
    let events = events.map { integration.completing($0) }
    let began = Tally.now()
    publisher.publish(events, in: RequestDigest(of: asked.request)) { [self] events, published in
      let outcome = Outcome(published)
      tally.published(published, of: integration.source, as: format, since: began)
      switch outcome {
      case .taken(let replies): answer(taken(events, replies))
      case .later(let refusal):
        tell(refusal, of: integration, "is told to try again")
        answer(words.later(refusal.message, after: refusal.secondsToWait, isThrottle: refusal.isThrottle))
      case .never(let refusal):
        tell(refusal, of: integration, "sent what alert-intake will never take")
        let own = words.invalid(refusal.field.isEmpty ? refusal.message : "\(refusal.field): \(refusal.message)")
        answer(never(published) ?? own)
      }
    }
  }

  /// The key alone of a source that signs must not go round its signature by another format's path.
  func isProven(_ integration: Integration, as format: String) -> Bool {
    guard integration.signingSecret != nil, format != "grafana" else { return true }
    tally.strangers()
    return false
  }

  /// Alerts that a sender has left out of its webhook because they were too many: nobody else tells of them.
  func leftOut(_ count: UInt64, of source: String, as format: String) {
    guard count > 0 else { return }
    tally.truncated(count, of: source, as: format)
    if tally.isNews("truncated \(source) \(format)") {
      log.warning(
        "\(source) (\(format)) left \(count) alerts out of a webhook: its max_alerts is too small (tocsin_gateway_truncated_alerts_total counts them)"
      )
    }
  }

  /// What can't be understood: counted and logged, a line for each kind a minute.
  func misunderstood(_ error: String, of source: String, as format: String) {
    if tally.misunderstood(of: source, as: format) {
      log.warning("\(source) (\(format)) sent what can't be understood: \(error)")
    }
  }

  private func tell(_ refusal: Refusal, of integration: Integration, _ words: String) {
    if tally.isNews("\(integration.source) \(refusal.status)") {
      log.warning("\(integration.source) \(words): \(refusal.status.name): \(refusal.message)")
    }
  }
}

extension Integration {
  /// An event of this source, with what its configuration adds.
  func completing(_ event: Event) -> Event {
    var event = event
    event.source = source
    if event.service.isEmpty { event.service = settings.service }
    return event.fitting()
  }
}
