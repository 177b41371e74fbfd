import ArgumentParser
import Messages
import Wire

/// Changes: what was deployed, which is where one looks first when something breaks.
struct ChangeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "change", abstract: "Report what was deployed or changed, and list it.",
    subcommands: [ChangeSend.self, ChangeShow.self])
}

/// The last line of a deployment.
struct ChangeSend: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "send", abstract: "Report a change: kept and shown, pages nobody.",
    discussion: """
      It is shown with the incidents of its service for a day, and in the handoff.

        tocsinctl change send --service aion-web-api "web-api 2.14 deployed" \\
          --link https://ci.example/build/77
      """)

  @Argument(help: "What was changed.")
  var summary: String
  @Option(help: "What it was done to.")
  var service: String = ""
  @Option(help: "Who reports.")
  var source: String = "tocsinctl"
  @Option(name: .customLong("link"), help: "Where more is to be read; repeat.")
  var links: [String] = []
  @Option(help: "Anything else.")
  var details: String = ""
  @Option(parsing: .unconditional, help: ArgumentHelp("When it happened; now when not given.", valueName: "time"))
  var at: TimeArgument?
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let event = Event(
      action: .change, source: source, summary: summary, service: service,
      links: links.map { Link(href: $0, text: "") }, details: details, occurredAt: try at.instant(global.times))
    let reply = try await global.cluster.report(IntakeMethods.publish, event)
    try Answer.show(reply, global.output) { print("\(SafeText.line(reply.alertId)) noted") }
  }
}

/// What was changed lately.
struct ChangeShow: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the latest changes, oldest first.",
    discussion: """
        tocsinctl change list --service aion-web-api --from -2h
      """)

  @Option(help: "Only of this service.")
  var service: String = ""
  @Option(help: "Only of this team's services.")
  var team: String = ""
  @Option(parsing: .unconditional, help: ArgumentHelp("That happened then or later.", valueName: "time"))
  var from: TimeArgument?
  @Option(parsing: .unconditional, help: ArgumentHelp("That happened before.", valueName: "time"))
  var until: TimeArgument?
  @Option(help: ArgumentHelp("At most so many, up to 1000.", valueName: "n"))
  var limit: UInt32 = 100
  @Option(help: ArgumentHelp("Only those that were noted before this one.", valueName: "id"))
  var before: String = ""
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    guard limit <= 1_000 else { throw ValidationError("--limit is at most 1000") }
    let times = global.times
    let request = ChangesRequest(
      service: service, team: team, fromAt: try from.instant(times), untilAt: try until.instant(times), limit: limit,
      before: before)
    let list = try await ChangeText.list(request, of: global.cluster)
    try Answer.show(list, global.output) {
      ChangeText.table(list.changes, times).print(otherwise: "no changes")
      if !list.before.isEmpty { print("older ones: --before \(SafeText.line(list.before))") }
    }
  }
}

/// Changes as people read them.
enum ChangeText {
  /// The latest of all intakes, oldest first. Where there are several, older ones are asked for by time.
  static func list(_ request: ChangesRequest, of cluster: Cluster) async throws -> ChangeList {
    guard cluster.intakes.count > 1 else { return try await cluster.call(.intake, ChangesMethods.list, request) }
    let limit = request.limit == 0 ? 100 : Int(request.limit)
    let all = try await cluster.known(ChangesMethods.list, request).flatMap { $0.1.changes }
    return ChangeList(changes: all.sorted { ($0.notedAt, $0.id) < ($1.notedAt, $1.id) }.suffix(limit))
  }

  static func table(_ changes: [Change], _ times: Times) -> Table {
    var table = Table("CHANGE", "HAPPENED (\(times.zone))", "SERVICE", "WHAT", "SOURCE", "LINK")
    for change in changes {
      table.add(
        change.id, times.short(change.happenedAt), change.service, change.summary, change.source,
        change.links.first?.href ?? "")
    }
    return table
  }
}
