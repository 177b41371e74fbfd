import ArgumentParser
import Messages
import Wire

/// Who is on call, why, until when, and who is next.
struct OnCall: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "oncall", abstract: "Who is on call, with the reason, until when, and who is next.",
    discussion: """
        tocsinctl oncall platform --tier primary --at "2026-12-24 23:00"

      --known-at answers as was known at that time: what the system would have said
      then, before later changes.
      """)

  @Argument(help: "The team; all teams when not given.")
  var team: String?
  @Option(help: "primary, secondary, tertiary, executives, or 1 .. 4; all when not given.")
  var tier: TierArgument?
  @Option(parsing: .unconditional, help: ArgumentHelp("When: \(TimeArgument.help).", valueName: "time"))
  var at: TimeArgument?
  @Option(parsing: .unconditional, help: ArgumentHelp("As it was known then.", valueName: "time"))
  var knownAt: TimeArgument?
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let cluster = global.cluster
    let times = global.times
    for team in try await Teams.named(team, cluster) {
      let request = OnCallRequest(
        team: team, tier: tier?.number ?? 0, at: try at.instant(times), knownAt: try knownAt.instant(times))
      let reply = try await cluster.call(.scheduler, ScheduleMethods.onCall, request)
      try Answer.show(reply, global.output) {
        let known = request.knownAt.isSet ? ", as known at \(times.full(request.knownAt))" : ""
        print("\(SafeText.line(team)) at \(times.full(reply.at.isSet ? reply.at : times.now))\(known)")
        OnCall.table(reply, times).print(otherwise: "nobody")
        for shadow in reply.shadows {
          print(
            "copies of \(DutyTier.word(shadow.tier))'s pages until \(times.short(shadow.untilAt)): "
              + "\(People.safeName(shadow.person, reply.people)), \(SafeText.line(shadow.because.isEmpty ? shadow.id : shadow.because))"
          )
        }
      }
    }
  }

  private static func table(_ reply: OnCallReply, _ times: Times) -> Table {
    var table = Table("TIER", "ON CALL", "UNTIL (\(times.zone))", "NEXT", "WHY")
    for shift in reply.shifts {
      let next = reply.next.first { $0.tier == shift.tier && $0.fromAt >= shift.untilAt }
      table.add(
        DutyTier.word(shift.tier), People.name(shift.person, reply.people),
        shift.untilAt.isSet && shift.untilAt < .distantFuture ? times.short(shift.untilAt) : "-",
        next.map { People.name($0.person, reply.people) } ?? "-", shift.explanation)
    }
    return table
  }
}

/// People in a reply, by the names that readers know.
enum People {
  static func name(_ id: String, _ people: [Person]) -> String {
    if id.isEmpty { return "NOBODY" }
    guard let person = people.first(where: { $0.id == id }), !person.name.isEmpty else { return id }
    return "\(person.name) (\(id))"
  }

  /// Where no table makes it safe.
  static func safeName(_ id: String, _ people: [Person]) -> String { SafeText.line(name(id, people)) }
}

/// The teams that a command is about.
enum Teams {
  static func named(_ team: String?, _ cluster: Cluster) async throws -> [String] {
    if let team { return [team] }
    let reply = try await cluster.call(.scheduler, ScheduleMethods.listPeople, ListPeopleRequest())
    guard !reply.teams.isEmpty else {
      throw Refusal.notFound("the scheduler knows no team; apply a configuration first")
    }
    return reply.teams.map(\.id)
  }
}
