import ArgumentParser
import Messages
import Wire

/// It is worse or milder than its source says.
struct IncidentSeverity: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "severity", abstract: "Call an incident worse or milder: its clocks move with it.",
    discussion: """
      Once somebody has called it milder, its source saying the same again
      doesn't make it worse.

        tocsinctl incident severity 2f-1k SEV-3 --by ana \\
          --reason "one customer, with a way around"
      """)

  @Argument(help: ArgumentHelp("The incident.", valueName: "id"))
  var id: String
  @Argument(help: "SEV-1 .. SEV-4.")
  var severity: SeverityArgument
  @Option(help: "Why.")
  var reason: String
  @OptionGroup var person: ActingPerson
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let request = SeverityRequest(incidentId: id, by: person.id, severity: severity.severity, reason: reason)
    try IncidentAnswer.show(await global.cluster.call(.escalator, EscalationMethods.setSeverity, request), global)
  }
}

/// It can wait.
struct IncidentSnooze: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "snooze", abstract: "Let an acknowledged incident rest; then it is paged again.",
    discussion: """
      A SEV-1 or SEV-2 for four hours at most, others for seven days. Rules of
      age (tell the lead after an hour) go on.

        tocsinctl incident snooze 2f-1k --until +2h --by ana \\
          --reason "the vendor answers at noon"
      """)

  @Argument(help: ArgumentHelp("The incident.", valueName: "id"))
  var id: String
  @Option(parsing: .unconditional, help: ArgumentHelp(stringLiteral: "Until when: \(TimeArgument.help)."))
  var until: TimeArgument
  @Option(help: "Why it can wait.")
  var reason: String
  @OptionGroup var person: ActingPerson
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let request = SnoozeRequest(
      incidentId: id, by: person.id, untilAt: try until.instant(global.times), reason: reason)
    try IncidentAnswer.show(await global.cluster.call(.escalator, EscalationMethods.snooze, request), global)
  }
}
