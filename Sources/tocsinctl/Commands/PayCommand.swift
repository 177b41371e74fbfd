import ArgumentParser
import Messages
import Wire

/// What on-call duty is paid: the work behind it, and the periods.
struct PayCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pay", abstract: "See, mend and approve incident work; export and close periods of pay.",
    subcommands: [PayWork.self, PayEdit.self, PayApprove.self, PayExporting.self, PayClosing.self])
}

/// Who worked on what, for how long, and what waits for a lead.
struct PayWork: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "work", abstract: "List incident work: who, how long, and whether a lead has approved it.",
    discussion: """
        tocsinctl pay work --team platform --waiting
      """)

  @Option(name: .customLong("team"), help: ArgumentHelp("Only what this team pays.", valueName: "id"))
  var team: String?
  @Option(help: ArgumentHelp("Only this person's.", valueName: "id"))
  var person: String?
  @Flag(help: "Only what waits for approval.")
  var waiting = false
  @Option(
    parsing: .unconditional, help: ArgumentHelp("Only what ended after: \(TimeArgument.help).", valueName: "time"))
  var from: TimeArgument?
  @Option(parsing: .unconditional, help: ArgumentHelp("Only what began before.", valueName: "time"))
  var until: TimeArgument?
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let request = ListWorkRequest(
      team: team ?? "", person: person ?? "", waitingOnly: waiting, fromAt: try from.instant(global.times),
      untilAt: try until.instant(global.times))
    let reply = try await global.cluster.call(.scheduler, PayMethods.listWork, request)
    try Answer.show(reply, global.output) {
      WorkText.table(reply.items, global.times).print(otherwise: waiting ? "nothing waits" : "no work")
    }
  }
}

/// The person says what it really was.
struct PayEdit: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "edit", abstract: "Say when somebody really worked on an incident; a lead approves it (again).",
    discussion: """
        tocsinctl pay edit 2f-1 ben --reason "the network team had it from 03:40" \\
          --span "2026-12-01 02:10/2026-12-01 03:40" --by ben

      The spans given replace all that were known. Who may: the person, or a lead.
      """)

  @Argument(help: ArgumentHelp("The incident.", valueName: "incident"))
  var incident: String
  @Argument(help: ArgumentHelp("Whose work.", valueName: "person"))
  var person: String
  @Option(
    help: ArgumentHelp(
      "From when until when, a / between; several times for several. Each: \(TimeArgument.help).",
      valueName: "from/until"))
  var span: [WorkSpanArgument] = []
  @Flag(help: "Instead: they didn't work on it.")
  var none = false
  @Option(help: ArgumentHelp("Why; the lead reads it.", valueName: "text"))
  var reason: String
  @OptionGroup var acting: ActingPerson
  @OptionGroup var global: GlobalOptions

  mutating func validate() throws {
    if span.isEmpty != none { throw ValidationError("--span FROM/UNTIL, or --none when they didn't work on it") }
  }

  func run() async throws {
    let request = WorkEdit(
      key: WorkKey(incidentId: incident, person: person), spans: try span.map { try $0.span(global.times) },
      reason: reason, by: acting.id)
    let reply = try await global.cluster.call(.scheduler, PayMethods.editWork, request)
    try Answer.show(reply, global.output) {
      if let item = reply.item { WorkText.show(item, global.times) }
    }
  }
}

/// A lead says that it may be paid.
struct PayApprove: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "approve", abstract: "Approve somebody's work on an incident, or all of a team's that waits.",
    discussion: """
        tocsinctl pay approve 2f-1 ben --by tara
        tocsinctl pay approve --all --team platform --by tara

      Who may: a lead or manager of the team. Nobody approves their own: --all
      leaves it for another.
      """)

  @Argument(help: ArgumentHelp("The incident.", valueName: "incident"))
  var incident: String?
  @Argument(help: ArgumentHelp("Whose work on it.", valueName: "person"))
  var person: String?
  @Flag(help: "Instead: all of the team's work that waits.")
  var all = false
  @OptionGroup var team: TeamOption
  @OptionGroup var acting: ActingPerson
  @OptionGroup var global: GlobalOptions

  mutating func validate() throws {
    guard all ? incident == nil : person != nil else {
      throw ValidationError("say INCIDENT and PERSON, or --all for all of the team's that waits")
    }
    if !all, team.given != nil { throw ValidationError("--team goes with --all") }
  }

  func run() async throws {
    let cluster = global.cluster
    var request = WorkApproval(by: acting.id)
    if let incident, let person {
      request.keys = [WorkKey(incidentId: incident, person: person)]
    } else {
      request.team = try await team.one(cluster)
    }
    let reply = try await cluster.call(.scheduler, PayMethods.approveWork, request)
    try Answer.show(reply, global.output) {
      WorkText.table(reply.approved, global.times).print(otherwise: "nothing waits that \(acting.id) could approve")
    }
  }
}
