import ArgumentParser
import Messages
import Wire

/// Says that incidents are one.
struct IncidentMerge: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge", abstract: "Make incidents part of another one, which is answered for all.",
    discussion: """
      Pages of the parts stop. It is over when somebody resolves it, or when the
      sources of all its alerts say so; it is as bad as its worst part.

        tocsinctl incident merge 2f-1m 2f-1p --into 2f-1k --by ana \\
          --reason "the disk of db-1 is full"
      """)

  @Argument(help: ArgumentHelp("What becomes part of it.", valueName: "id"))
  var parts: [String]
  @Option(help: ArgumentHelp("The incident that goes on.", valueName: "id"))
  var into: String
  @Option(help: "Why they are one.")
  var reason: String
  @OptionGroup var person: ActingPerson
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let request = MergeRequest(incidentId: into, by: person.id, parts: parts, reason: reason)
    try IncidentAnswer.show(await global.cluster.call(.escalator, EscalationMethods.merge, request), global)
  }
}
