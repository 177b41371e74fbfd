import ArgumentParser
import Messages

/// Which team a command is about: the only one when there is one.
struct TeamOption: ParsableArguments {
  @Option(
    name: .customLong("team"), help: ArgumentHelp("The team; may be left out when there is one.", valueName: "id"))
  var given: String?

  func one(_ cluster: Cluster) async throws -> String {
    let teams = try await Teams.named(given, cluster)
    guard teams.count == 1 else { throw ValidationError("there are several teams; name one with --team") }
    return teams[0]
  }
}
