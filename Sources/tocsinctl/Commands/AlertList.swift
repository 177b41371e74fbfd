import ArgumentParser
import Messages
import Wire

/// The alerts that intake knows.
struct AlertList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List open alerts.",
    discussion: """
        tocsinctl alert list --source alertmanager
        tocsinctl alert list --all --limit 1000 -o json
      """)

  @Flag(name: .customLong("all"), help: "Resolved ones too.")
  var includeResolved = false

  @Option(help: ArgumentHelp("Only those of a source.", valueName: "name"))
  var source: String?

  @Option(help: ArgumentHelp("Only the one with this dedup key.", valueName: "key"))
  var key: String?

  @Option(help: ArgumentHelp("At most this many, up to 1000.", valueName: "n"))
  var limit: UInt32 = 100

  @Option(help: ArgumentHelp("Go on behind this alert.", valueName: "id"))
  var after: String?

  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let request = ListAlertsRequest(
      includeResolved: includeResolved, limit: limit, after: after ?? "", source: source ?? "", dedupKey: key ?? "")
    let reply = try await global.cluster.call(.intake, IntakeMethods.listAlerts, request)
    let times = global.times
    try Answer.show(reply, global.output) {
      var table = Table("ALERT", "SEVERITY", "STATE", "COUNT", "SERVICE", "OPENED (\(times.zone))", "SUMMARY")
      for alert in reply.alerts {
        table.add(
          alert.id, alert.severity.word, alert.state.word, "\(alert.count)", alert.service, times.short(alert.openedAt),
          alert.summary)
      }
      table.print(otherwise: "no alerts")
      if reply.open > UInt64(reply.alerts.count) { print("\(reply.open) are open in all") }
    }
  }
}
