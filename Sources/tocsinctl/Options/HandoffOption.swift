import ArgumentParser
import Messages
import Wire

/// Which handoff: the nearest, if nothing is said.
struct HandoffOption: ParsableArguments {
  @OptionGroup var team: TeamOption
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Of the shift under way then; the nearest when not given.", valueName: "time"))
  var at: TimeArgument?

  func request(_ global: GlobalOptions) async throws -> HandoffRequest {
    HandoffRequest(team: try await team.one(global.cluster), at: try at.instant(global.times))
  }
}
