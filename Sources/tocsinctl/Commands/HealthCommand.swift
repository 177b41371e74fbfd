import ArgumentParser
import Configuration
import Messages
import Wire

/// Is every tier well?
struct HealthCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "health",
    abstract: "Ask every tier whether it is well; exits with 0 only if all are SERVING and pages get through.",
    discussion: """
        tocsinctl health
        tocsinctl health --wait 30     waits up to 30 seconds until all are SERVING
        tocsinctl health escalator     whether this tier serves, for a container
      """)

  @Option(help: ArgumentHelp("Wait up to this many seconds until all are SERVING.", valueName: "seconds"))
  var wait: Int = 0
  @Argument(
    help: ArgumentHelp("The one tier to ask: whether it serves, not whether pages get through.", valueName: "tier"))
  var only: String?
  @OptionGroup var global: GlobalOptions

  mutating func validate() throws {
    guard (0...3_600).contains(wait) else { throw ValidationError("--wait is from 0 to 3600 seconds") }
    if let only { _ = try Tier.named(only) }
  }

  func run() async throws {
    let clock = ContinuousClock()
    let end = clock.now + .seconds(wait)
    let cluster = global.cluster
    let tiers = try only.map { [try Tier.named($0)] } ?? cluster.tiers
    var checks = await HealthCommand.check(tiers, of: cluster, global.timeout.span)
    while !checks.allSatisfy(\.isServing), clock.now < end {
      try await Task.sleep(for: .milliseconds(200))
      let left = Span.milliseconds(max(100, Int64((end - clock.now) / .milliseconds(1))))
      checks = await HealthCommand.check(tiers, of: cluster, min(.seconds(1), left))
    }
    switch global.output {
    case .table:
      HealthCommand.table(checks, global.times).print(otherwise: "")
      if let words = HealthCommand.pages(checks) { print(words) }
    case .json: print(try HealthCommand.json(checks))
    }
    guard checks.allSatisfy(\.isServing), only != nil || checks.allSatisfy(\.pagesGetThrough) else {
      throw Failure.unavailable
    }
  }

  private struct Check: Sendable {
    var tier: Tier
    var reply: HealthReply?
    var refusal: Refusal?
    var isServing: Bool { reply?.status == .serving }
    /// The notifier's word for whether pages get through, where a watch is configured.
    var pages: HealthReply?
    var pagesGetThrough: Bool { pages.map { $0.status == .serving } ?? true }
  }

  private static func check(_ tiers: [Tier], of cluster: Cluster, _ timeout: Span) async -> [Check] {
    await withTaskGroup(of: Check.self) { group in
      for tier in tiers {
        group.addTask {
          do {
            let reply = try await cluster.call(tier, HealthMethods.check, HealthRequest(), timeout: timeout)
            guard reply.endToEnd != nil else { return Check(tier: tier, reply: reply) }
            let pages = try await cluster.call(
              tier, HealthMethods.check, HealthRequest(service: "pages"), timeout: timeout)
            return Check(tier: tier, reply: reply, pages: pages)
          } catch {
            return Check(tier: tier, refusal: error as? Refusal ?? Refusal(.unknown, "\(error)"))
          }
        }
      }
      var checks: [Check] = []
      for await check in group { checks.append(check) }
      return checks.sorted { place(of: $0, tiers) < place(of: $1, tiers) }
    }
  }

  private static func place(of check: Check, _ tiers: [Tier]) -> Int { tiers.firstIndex(of: check.tier) ?? 0 }

  private static func table(_ checks: [Check], _ times: Times) -> Table {
    var table = Table(
      "TIER", "STATUS", "UP SINCE (\(times.zone))", "OPEN", "OWES", "LAST COMMIT", "FAILED CONNECTIONS", "REASON")
    for check in checks {
      guard let reply = check.reply else {
        table.add(check.tier.name, "NO ANSWER", "-", "-", "-", "-", "-", check.refusal.map(Failure.describe) ?? "")
        continue
      }
      table.add(
        check.tier.name, reply.status.word, times.short(reply.startedAt), "\(reply.open)", owed(reply),
        reply.lastCommitAt.isSet ? "\(SpanText.text(reply.nowAt - reply.lastCommitAt)) ago" : "-", failed(reply),
        reply.reason)
    }
    return table
  }

  /// What the notifier's watch sees; nil where none is configured.
  private static func pages(_ checks: [Check]) -> String? {
    guard let reply = checks.lazy.compactMap(\.pages).first, let seen = reply.endToEnd else { return nil }
    let passed =
      seen.passedAt.isSet
      ? "the last synthetic alert came through \(SpanText.text(reply.nowAt - seen.passedAt)) ago, in \(SpanText.text(seen.took))"
      : "no synthetic alert has come through yet"
    return "Pages: \(passed)\(reply.status == .serving ? "" : ". THEY MAY NOT GET THROUGH: \(reply.reason)")"
  }

  private static func owed(_ reply: HealthReply) -> String {
    let words = reply.owed.filter { $0.count > 0 }.map { owed in
      let age = owed.oldestAt.isSet ? reply.nowAt - owed.oldestAt : .zero
      let since = age < .seconds(10) ? "" : " for \(SpanText.text(age))"
      return "\(owed.count) to \(owed.peer)\(since)\(owed.reachable ? "" : " (away)")"
    }
    return words.isEmpty ? "nothing" : words.joined(separator: ", ")
  }

  /// Since the tier started. Connections that ended are in the JSON only: most ends are ordinary.
  private static func failed(_ reply: HealthReply) -> String {
    var words = reply.sockets.compactMap { socket -> String? in
      let kinds = [
        (socket.handshakesFailed, "handshakes"), (socket.acceptsFailed, "seconds without a descriptor to spare"),
        (socket.beyondLimits, "connections more than it takes"),
      ].filter { $0.0 > 0 }
      guard !kinds.isEmpty else { return nil }
      return "\(socket.socket): " + kinds.map { "\($0) \($1)" }.joined(separator: ", ")
    }
    if let answers = reply.answers, answers.givenUp > 0 {
      words.append("\(answers.givenUp) times too many answers left unread")
    }
    return words.isEmpty ? "none" : words.joined(separator: "; ")
  }

  private static func json(_ checks: [Check]) throws -> String {
    let tiers = try checks.map { check in
      try "\"\(check.tier.name)\":" + (check.reply.map { try Answer.json($0) } ?? "null")
    }
    return "{\"serving\":\(checks.allSatisfy(\.isServing)),\"tiers\":{\(tiers.joined(separator: ","))}}"
  }
}
