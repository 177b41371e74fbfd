import Messages

/// Which team and policy an event belongs to, and what its class says to do (requirements I3, I4).
struct Routing: Hashable, Sendable {
  private(set) var configuration: IntakeConfiguration
  private var services: [String: Service]
  private var classes: [String: AlertClass]

  init(_ configuration: IntakeConfiguration) {
    self.configuration = configuration
    services = Dictionary(configuration.services.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    classes = Dictionary(configuration.classes.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  struct Destination: Hashable {
    var team: String
    var policy: String
    var routedBy: String
  }

  /// The first route that matches, else the service's own team, else the default team: never nowhere.
  func destination(service name: String, labels: [Label]) -> Destination {
    let service = services[name]
    let route = route(service: name, labels: labels)
    return Destination(
      team: team(route, service),
      policy: nonEmpty(route?.policy) ?? nonEmpty(service?.policy) ?? nonEmpty(configuration.defaultPolicy)
        ?? "default",
      routedBy: route.map { "route \($0.name)" } ?? service.map { "service \($0.name)" } ?? "default")
  }

  /// The team of the destination alone: asked of every open alert whenever configuration changes.
  func team(service name: String, labels: [Label]) -> String {
    team(route(service: name, labels: labels), services[name])
  }

  private func route(service: String, labels: [Label]) -> Route? {
    configuration.routes.first { matches($0, service, labels) }
  }

  private func team(_ route: Route?, _ service: Service?) -> String {
    nonEmpty(route?.team) ?? nonEmpty(service?.team) ?? nonEmpty(configuration.defaultTeam) ?? "default"
  }

  func steps(alertClass name: String, service: String) -> (steps: [String], runbook: String) {
    let alertClass = classes[name]
    let runbook = nonEmpty(alertClass?.runbook) ?? nonEmpty(services[service]?.runbook) ?? ""
    return (alertClass?.steps ?? [], runbook)
  }

  private func matches(_ route: Route, _ service: String, _ labels: [Label]) -> Bool {
    guard route.service.isEmpty || route.service == service else { return false }
    return route.labels.allSatisfy { labels.contains($0) }
  }

  private func nonEmpty(_ text: String?) -> String? {
    guard let text, !text.isEmpty else { return nil }
    return text
  }
}

extension IntakeConfiguration {
  /// Refuses what can't be meant, naming the field.
  func check() throws(Refusal) {
    func unique(_ names: [String], _ field: String) throws(Refusal) {
      var seen = Set<String>()
      for (index, name) in names.enumerated() {
        guard !name.isEmpty else { throw .invalid("\(field)[\(index)].name", "must not be empty") }
        guard seen.insert(name).inserted else { throw .invalid("\(field)[\(index)].name", "\"\(name)\" occurs twice") }
      }
    }
    try unique(services.map(\.name), "services")
    try unique(routes.map(\.name), "routes")
    try unique(classes.map(\.name), "classes")
    try unique(heartbeats.map(\.name), "heartbeats")
    try checkHeartbeats()
    try checkRateLimit()
    try checkSynthetic()
    guard !defaultTeam.isEmpty else { throw .invalid("default_team", "must name the team that gets unrouted alerts") }
    guard !defaultPolicy.isEmpty else { throw .invalid("default_policy", "must name the policy of unrouted alerts") }
  }

  private func checkRateLimit() throws(Refusal) {
    guard let rateLimit else { return }
    guard rateLimit.perSecond > 0 else { throw .invalid("rate_limit.per_second", "must be at least 1") }
    guard rateLimit.burst >= rateLimit.perSecond else {
      throw .invalid("rate_limit.burst", "must be at least what may come in a second")
    }
  }

  /// What applying this over `before` changes, a line each.
  func changes(from before: IntakeConfiguration) -> [String] {
    difference("service", services.map { ($0.name, $0) }, before.services.map { ($0.name, $0) })
      + difference("route", routes.map { ($0.name, $0) }, before.routes.map { ($0.name, $0) })
      + difference("alert class", classes.map { ($0.name, $0) }, before.classes.map { ($0.name, $0) })
      + difference("heartbeat", heartbeats.map { ($0.name, $0) }, before.heartbeats.map { ($0.name, $0) })
      + (defaultTeam == before.defaultTeam ? [] : ["default team: \(old(before.defaultTeam)) -> \(defaultTeam)"])
      + (defaultPolicy == before.defaultPolicy
        ? [] : ["default policy: \(old(before.defaultPolicy)) -> \(defaultPolicy)"])
      + rateLimitChange(from: before)
      + (syntheticEvery == before.syntheticEvery
        ? []
        : ["synthetic alert: \(syntheticEvery == .zero ? "none" : "every \(syntheticEvery.words)")"])
  }

  private func rateLimitChange(from before: IntakeConfiguration) -> [String] {
    func words(_ limit: RateLimit?) -> String { limit.map { "\($0.perSecond)/s, burst \($0.burst)" } ?? "none" }
    return rateLimit == before.rateLimit
      ? [] : ["rate limit of each source: \(words(before.rateLimit)) -> \(words(rateLimit))"]
  }

  private func old(_ name: String) -> String { name.isEmpty ? "none" : name }

  private func difference<Item: Equatable>(
    _ what: String, _ after: [(String, Item)], _ before: [(String, Item)]
  ) -> [String] {
    let old = Dictionary(before, uniquingKeysWith: { first, _ in first })
    let new = Dictionary(after, uniquingKeysWith: { first, _ in first })
    let gone = before.map(\.0).filter { new[$0] == nil }.map { "\(what) \($0) removed" }
    return after.compactMap { name, item in
      guard let was = old[name] else { return "\(what) \(name) added" }
      return was == item ? nil : "\(what) \(name) changed"
    } + gone
  }
}
