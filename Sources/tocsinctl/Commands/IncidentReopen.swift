import ArgumentParser
import Messages
import Wire

/// Says that an incident was not over after all.
struct IncidentReopen: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reopen", abstract: "Open an incident again within the hour after its end; whoever had it is paged.",
    discussion: """
        tocsinctl incident reopen 2f-1 --by ana --reason "it is back"
      """)

  @Argument(help: ArgumentHelp("The incident.", valueName: "id"))
  var id: String
  @Option(help: "Why it is not over.")
  var reason: String
  @OptionGroup var person: ActingPerson
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let request = ReopenRequest(incidentId: id, by: person.id, reason: reason)
    try IncidentAnswer.show(await global.cluster.call(.escalator, EscalationMethods.reopen, request), global)
  }
}
