import ArgumentParser
import Messages
import Wire

/// Whose lists: those of whoever takes over at the nearest handoff, if nothing is said.
struct ReadyOption: ParsableArguments {
  @OptionGroup var team: TeamOption
  @Option(help: ArgumentHelp("Whose: their shift under way as primary, or their next.", valueName: "id"))
  var person: String?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("When the person takes over, or any time of the shift before.", valueName: "time"))
  var at: TimeArgument?

  func request(_ global: GlobalOptions) async throws -> ReadinessRequest {
    ReadinessRequest(
      team: try await team.one(global.cluster), at: try at.instant(global.times), person: person ?? "")
  }
}
