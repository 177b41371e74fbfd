import ArgumentParser
import Messages
import Wire

/// The incidents that are open, and what each will do next by itself.
struct IncidentList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "list", abstract: "List open incidents.")

  @Flag(name: .customLong("all"), help: "Resolved ones too.")
  var includeResolved = false

  @Option(help: ArgumentHelp("Only a team's.", valueName: "id"))
  var team: String?

  @Option(help: ArgumentHelp("Only those that a person was paged for or owns.", valueName: "id"))
  var person: String?

  @Option(help: ArgumentHelp("Only those that run by a policy.", valueName: "name"))
  var policy: String?

  @Option(help: ArgumentHelp("… and by this version of it.", valueName: "number"))
  var policyVersion: UInt64?

  @Option(help: ArgumentHelp("At most this many, up to 1000.", valueName: "n"))
  var limit: UInt32 = 100

  @Option(help: ArgumentHelp("Go on behind this incident.", valueName: "id"))
  var after: String?

  @OptionGroup var global: GlobalOptions

  mutating func validate() throws {
    guard limit <= 1_000 else { throw ValidationError("--limit is at most 1000") }
    guard policyVersion == nil || policy != nil else { throw ValidationError("--policy-version needs --policy") }
  }

  func run() async throws {
    var request = ListIncidentsRequest(
      includeResolved: includeResolved, limit: limit, after: after ?? "", team: team ?? "", person: person ?? "",
      policy: policy ?? "", policyVersion: policyVersion ?? 0)
    var reply = try await global.cluster.call(.escalator, EscalationMethods.listIncidents, request)
    while !reply.after.isEmpty, reply.incidents.count < limit {
      request.after = reply.after
      request.limit = limit - UInt32(reply.incidents.count)
      let more = try await global.cluster.call(.escalator, EscalationMethods.listIncidents, request)
      reply.incidents += more.incidents
      reply.after = more.after
    }
    let times = global.times
    try Answer.show(reply, global.output) {
      var table = Table("INCIDENT", "SEVERITY", "STATE", "OWNER", "SERVICE", "OPENED", "NEXT", "SUMMARY")
      for incident in reply.incidents {
        table.add(
          incident.id, incident.severity.word, incident.state.word, incident.owner.isEmpty ? "-" : incident.owner,
          incident.service, times.relative(incident.openedAt), IncidentAnswer.nextStep(incident, times),
          incident.summary)
      }
      table.print(otherwise: "no incidents")
      if !reply.after.isEmpty { print("there may be more: --after \(reply.after)") }
      if reply.open > UInt64(reply.incidents.count) { print("\(reply.open) are open in all") }
    }
  }
}
