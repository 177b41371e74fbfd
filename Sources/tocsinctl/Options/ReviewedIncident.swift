import ArgumentParser

/// Which review a command is about.
struct ReviewedIncident: ParsableArguments {
  @Argument(help: ArgumentHelp("The incident, or an alert that was part of it.", valueName: "incident"))
  var id: String
}
