import ArgumentParser
import Messages
import Wire

/// "I am on it": stops the escalation.
struct IncidentAcknowledge: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "ack", abstract: "Acknowledge: I am on it.")

  @Argument(help: ArgumentHelp("The incident.", valueName: "id"))
  var id: String
  @OptionGroup var person: ActingPerson
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let request = AcknowledgeRequest(incidentId: id, by: person.id, via: "tocsinctl")
    try IncidentAnswer.show(
      await global.cluster.call(.escalator, EscalationMethods.acknowledge, request), global)
  }
}

/// It is over.
struct IncidentResolve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "resolve", abstract: "Resolve: it is over.")

  @Argument(help: ArgumentHelp("The incident.", valueName: "id"))
  var id: String
  @Option(help: "What helped.")
  var note: String = ""
  @OptionGroup var person: ActingPerson
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let request = ResolveRequest(incidentId: id, by: person.id, note: note)
    try IncidentAnswer.show(await global.cluster.call(.escalator, EscalationMethods.resolve, request), global)
  }
}

/// Asks for more people, with the reason that the procedure wants said.
struct IncidentEscalate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "escalate", abstract: "Escalate to the next tier, or to a given one, with a reason.")

  @Argument(help: ArgumentHelp("The incident.", valueName: "id"))
  var id: String
  @Option(help: "secondary, tertiary, executives or 2 .. 4; the next one when not given.")
  var tier: TierArgument?
  @Option(help: "Why: domain expertise, complexity, customer communication ...")
  var reason: String
  @Option(name: .customLong("current-status"), help: "Where the work stands, for those who join.")
  var currentStatus: String = ""
  @OptionGroup var person: ActingPerson
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let request = EscalateRequest(
      incidentId: id, by: person.id, tier: tier?.number ?? 0, reason: reason, currentStatus: currentStatus)
    try IncidentAnswer.show(await global.cluster.call(.escalator, EscalationMethods.escalate, request), global)
  }
}

/// Gives an incident to somebody else.
struct IncidentReassign: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reassign", abstract: "Give an incident to another person.")

  @Argument(help: ArgumentHelp("The incident.", valueName: "id"))
  var id: String
  @Option(help: ArgumentHelp("Who takes it.", valueName: "person"))
  var to: String
  @Option(help: "Why.")
  var reason: String = ""
  @OptionGroup var person: ActingPerson
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let request = ReassignRequest(incidentId: id, by: person.id, to: to, reason: reason)
    try IncidentAnswer.show(await global.cluster.call(.escalator, EscalationMethods.reassign, request), global)
  }
}

/// Says where the work stands, in the procedure's template.
struct IncidentUpdate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "update", abstract: "Post a status update in the procedure's template.",
    discussion: """
        tocsinctl incident update 2f-1k --by ana --status identified \\
          --impact "5 % of requests fail" --actions "rolled back release 412" \\
          --next "watch error rate" --eta "10 minutes"
      """)

  @Argument(help: ArgumentHelp("The incident.", valueName: "id"))
  var id: String
  @Option(help: "investigating, identified, monitoring or resolved.")
  var status: StatusArgument
  @Option(help: "What users notice.")
  var impact: String = ""
  @Option(help: "What has been done.")
  var actions: String = ""
  @Option(help: "What is next.")
  var next: String = ""
  @Option(help: "When to expect an update or the end.")
  var eta: String = ""
  @OptionGroup var person: ActingPerson
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let request = UpdateRequest(
      incidentId: id, by: person.id, status: status.status, impact: impact, actions: actions, next: next, eta: eta)
    try IncidentAnswer.show(await global.cluster.call(.escalator, EscalationMethods.postUpdate, request), global)
  }
}

/// The procedure's four words for where the work stands.
enum StatusArgument: String, ExpressibleByArgument, CaseIterable, Sendable {
  case investigating, identified, monitoring, resolved

  var status: UpdateStatus {
    switch self {
    case .investigating: .investigating
    case .identified: .identified
    case .monitoring: .monitoring
    case .resolved: .resolved
    }
  }
}
