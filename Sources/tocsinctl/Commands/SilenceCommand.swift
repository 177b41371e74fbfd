import ArgumentParser
import Messages
import Wire

/// Silences and maintenance windows: what is known to fire pages nobody for a while.
struct SilenceCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "silence", abstract: "Keep alerts from paging for a while, list that, or end it.",
    subcommands: [SilenceAdd.self, SilenceEnd.self, SilenceShow.self])
}

/// From an instant until another what matches pages nobody.
struct SilenceAdd: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Silence alerts, or announce a maintenance window.",
    discussion: """
        tocsinctl silence add --match service=redis --until +2h \\
          --reason "failover test" --by ana
        tocsinctl silence add --match cluster=eu-1 --match 'pod!=canary-*' \\
          --from "2026-12-05 22:00" --until "2026-12-06 02:00" \\
          --reason "upgrade of the cluster" --by ana

      Alerts that open meanwhile are kept and counted; what still fires when it ends
      pages then. It is about SEV-2 to SEV-4; a SEV-1 is silenced only by
      --severity SEV-1. What paged before it began goes on: snooze its incident.
      """)

  @Option(
    name: .customLong("match"),
    help: ArgumentHelp(
      "service, class, source or a label: name=value, name!=value, * for any text; all must hold.",
      valueName: "name=value"))
  var matchers: [MatcherArgument]
  @Option(
    name: .customLong("severity"),
    help: "Only alerts so bad; repeat. SEV-2, SEV-3 and SEV-4 when not given.")
  var severities: [SeverityArgument] = []
  @Option(parsing: .unconditional, help: ArgumentHelp("From when; now when not given.", valueName: "time"))
  var from: TimeArgument?
  @Option(
    parsing: .unconditional, help: ArgumentHelp("Until when, within 31 days: \(TimeArgument.help).", valueName: "time"))
  var until: TimeArgument
  @Option(help: "Why; kept.")
  var reason: String
  @OptionGroup var acting: ActingPerson
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let times = global.times
    let request = SilenceRequest(
      matchers: matchers.map(\.matcher), severities: severities.map(\.severity), by: acting.id, reason: reason,
      fromAt: try from.instant(times), untilAt: try until.instant(times))
    let reply = try await Self.add(request, at: global.cluster)
    try Answer.show(reply, global.output) {
      guard let silence = reply.silence else { return }
      print("\(SafeText.line(silence.id)): \(SilenceText.what(silence))")
      print("from \(times.full(silence.fromAt)) until \(times.full(silence.untilAt))")
    }
  }

  /// Each of several intakes keeps quiet what it takes in: all have the silence, under the id that the first one gave it. One that is
  /// out of reach is told by the others.
  ///
  /// - Throws: that none has it, or why one never will.
  private static func add(_ wanted: SilenceRequest, at cluster: Cluster) async throws -> SilenceReply {
    var request = wanted
    var whole: SilenceReply?
    var failure: Refusal?
    for tier in cluster.intakes {
      do {
        let reply = try await cluster.call(tier, SilencesMethods.add, request)
        request.id = reply.silence?.id ?? ""
        whole = whole ?? reply
      } catch let refusal as Refusal {
        failure = refusal
        guard cluster.intakes.count > 1, Failure(refusal.status) == .unavailable else { throw refusal }
        Failure.say(
          "\(tier.name) has not got it, and pages what it takes in, until the others can tell it: \(Failure.describe(refusal))"
        )
      }
    }
    guard let whole else { throw failure ?? Refusal(.unavailable, "there is no intake") }
    return whole
  }
}

/// Ends a silence before its time.
struct SilenceEnd: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "end", abstract: "End a silence now: what it kept quiet and still fires pages at once.",
    discussion: """
        tocsinctl silence end silence-3 --by ana --reason "done early"
      """)

  @Argument(help: ArgumentHelp("The silence.", valueName: "id"))
  var id: String
  @Option(help: "Why.")
  var reason: String = ""
  @OptionGroup var acting: ActingPerson
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let ending = SilenceEnding(id: id, by: acting.id, reason: reason)
    let reply = try await end(ending)
    try Answer.show(reply, global.output) {
      let alerts = reply.alerts == 1 ? "1 alert still fires and pages" : "\(reply.alerts) alerts still fire and page"
      print("\(SafeText.line(id)) is over; \(alerts) now")
    }
  }

  /// At each intake that has it.
  private func end(_ ending: SilenceEnding) async throws -> SilenceReply {
    let answers = try await global.cluster.each(SilencesMethods.end, ending)
    var whole: SilenceReply?
    for case (_, .success(let reply)) in answers {
      var sum = whole ?? reply
      if whole != nil { sum.alerts += reply.alerts }
      whole = sum
    }
    for case (let tier, .failure(let refusal)) in answers where Failure(refusal.status) == .unavailable {
      Failure.say("\(tier.name) goes on with it until the others can tell it: \(Failure.describe(refusal))")
      if whole == nil { throw refusal }
    }
    guard let whole else {
      if case .failure(let refusal)? = answers.first?.answer { throw refusal }
      throw Refusal(.unavailable, "there is no intake")
    }
    return whole
  }
}

/// Which silences there are, and how much they keep quiet.
struct SilenceShow: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List silences that run or are to begin.",
    discussion: """
        tocsinctl silence list
        tocsinctl silence list --all

      Which alerts one keeps quiet is in `tocsinctl alert list`.
      """)

  @Flag(name: .customLong("all"), help: "Those too that ended within the last seven days.")
  var includeEnded = false
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let times = global.times
    let list = try await silences()
    try Answer.show(list, global.output) {
      var table = Table("SILENCE", "FROM (\(times.zone))", "UNTIL", "QUIET", "BY", "WHAT", "WHY")
      for reply in list.silences {
        guard let silence = reply.silence else { continue }
        table.add(
          silence.id, times.short(silence.fromAt), SilenceText.end(silence, times), "\(reply.alerts)", silence.by,
          SilenceText.what(silence), silence.reason)
      }
      table.print(otherwise: "no silences")
    }
  }

  /// Each once, with what all intakes keep quiet by it.
  private func silences() async throws -> SilenceList {
    var list = SilenceList()
    for (_, one) in try await global.cluster.known(
      SilencesMethods.list, SilencesRequest(includeEnded: includeEnded))
    {
      for reply in one.silences {
        if let index = list.silences.firstIndex(where: { $0.silence?.id == reply.silence?.id }) {
          list.silences[index].alerts += reply.alerts
        } else {
          list.silences.append(reply)
        }
      }
    }
    return list
  }
}
