import ArgumentParser
import Messages
import Wire

/// The timeline as a document.
struct IncidentDocument: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "document", abstract: "The timeline of an incident as a document, for its review.",
    discussion: """
      In Markdown; -o json has the same as data.

        tocsinctl incident document 2f-1k > 2f-1k.md
      """)

  @Argument(help: ArgumentHelp("The incident.", valueName: "id"))
  var id: String
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let reply = try await global.cluster.call(
      .escalator, EscalationMethods.getTimelineDocument, GetTimelineRequest(incidentId: id))
    try Answer.show(reply.document ?? TimelineDocument(), global.output) {
      SafeText.lines(String(decoding: reply.markdown, as: UTF8.self)).forEach { print($0) }
    }
  }
}
