import ArgumentParser

/// What this machine does with Tocsin, each figure beside what it does with nothing in the way.
@main
struct Bench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tocsin-bench",
    abstract: "Measures Tocsin, each figure beside its floor in the same run.",
    discussion: """
      Floors are written in C with the bare libraries, and measured in turn with ours; figures are medians over the
      rounds. Ratios count: a busy machine slows both. A target that is missed makes the exit status 1.
      """,
    subcommands: [
      CallsCommand.self, PublishCommand.self, PageCommand.self, OpenCommand.self, TimersCommand.self,
      ScheduleCommand.self,
      FiguresCommand.self, FloodCommand.self, SurgeCommand.self, HandoverCommand.self, EdgeCommand.self,
      AllCommand.self, ServeEcho.self,
      ServeFloorCalls.self, ServeFloorCommits.self, FloodSource.self,
    ])
}

/// How a run is reported.
struct ReportOptions: ParsableArguments {
  @Flag(help: "Print JSON instead of a table.")
  var json = false

  /// Everything that was measured, and then whether it is as it should be.
  ///
  /// - Throws: exit status 1 when a target was missed.
  func tell(_ report: Report) throws {
    try report.print(asJSON: json)
    guard report.figures.allSatisfy({ $0.isMet != false }) else { throw ExitCode.failure }
  }
}
