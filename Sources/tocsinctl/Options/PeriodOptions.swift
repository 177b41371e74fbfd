import ArgumentParser

/// A period of pay: dates in the team's zone, the first counted and the last not.
struct PeriodOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Its first day, in the team's zone.", valueName: "date"))
  var from: String
  @Option(help: ArgumentHelp("The day after its last.", valueName: "date"))
  var until: String
}
