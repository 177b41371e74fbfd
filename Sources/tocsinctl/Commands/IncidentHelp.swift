import ArgumentParser
import Messages
import Wire

/// Says why an incident needs more people.
struct IncidentFlag: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "flag", abstract: "Raise the procedure's reasons for more people: each engages its tier at once.",
    discussion: """
      Which flags there are, and the tier of each, the policy says (its flags).

        tocsinctl incident flag 2f-1k security-breach --by ana \\
          --note "customer data is readable"
      """)

  @Argument(help: ArgumentHelp("The incident.", valueName: "id"))
  var id: String
  @Argument(help: "domain-expertise, customer-communication, security-breach ...")
  var flags: [String]
  @Option(help: "What is behind it.")
  var note: String = ""
  @OptionGroup var person: ActingPerson
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let request = FlagsRequest(incidentId: id, by: person.id, flags: flags, note: note)
    try IncidentAnswer.show(await global.cluster.call(.escalator, EscalationMethods.raiseFlags, request), global)
  }
}

/// Asks people by name.
struct IncidentAsk: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ask", abstract: "Page people by name to help; whoever has the incident keeps it.")

  @Argument(help: ArgumentHelp("The incident.", valueName: "id"))
  var id: String
  @Argument(help: ArgumentHelp("Who is needed.", valueName: "person"))
  var people: [String]
  @Option(help: "What they are needed for.")
  var message: String = ""
  @OptionGroup var person: ActingPerson
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let request = RespondersRequest(incidentId: id, by: person.id, people: people, message: message)
    try IncidentAnswer.show(await global.cluster.call(.escalator, EscalationMethods.addResponders, request), global)
  }
}

/// Hands on the command; the owner stays.
struct IncidentDelegate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "delegate", abstract: "Hand the command of a SEV-1 or SEV-2 to somebody.")

  @Argument(help: ArgumentHelp("The incident.", valueName: "id"))
  var id: String
  @Option(help: ArgumentHelp("Who commands from now on.", valueName: "person"))
  var to: String
  @OptionGroup var person: ActingPerson
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let request = DelegationRequest(incidentId: id, by: person.id, to: to)
    try IncidentAnswer.show(await global.cluster.call(.escalator, EscalationMethods.delegate, request), global)
  }
}
