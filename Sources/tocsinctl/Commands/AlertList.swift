import ArgumentParser
import Messages
import Wire

/// The alerts that intake knows.
struct AlertList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List open alerts.",
    discussion: """
        tocsinctl alert list --source alertmanager
        tocsinctl alert list --key demo
        tocsinctl alert list --all --limit 1000 -o json
      """)

  @Flag(name: .customLong("all"), help: "Resolved ones too.")
  var includeResolved = false

  @Option(help: ArgumentHelp("Only those of a source.", valueName: "name"))
  var source: String?

  @Option(help: ArgumentHelp("Only what is open under this dedup key.", valueName: "key"))
  var key: String?

  @Option(help: ArgumentHelp("At most this many, up to 1000.", valueName: "n"))
  var limit: UInt32 = 100

  @Option(help: ArgumentHelp("Go on behind this alert.", valueName: "id"))
  var after: String?

  @OptionGroup var global: GlobalOptions

  mutating func validate() throws {
    guard limit <= 1_000 else { throw ValidationError("--limit is at most 1000") }
  }

  func run() async throws {
    let reply = try await gather()
    let times = global.times
    try Answer.show(reply, global.output) {
      var table = Table("ALERT", "SEVERITY", "STATE", "COUNT", "SERVICE", "OPENED (\(times.zone))", "SUMMARY")
      for alert in reply.alerts {
        table.add(
          alert.id, alert.severity.word, alert.silencedBy.isEmpty ? alert.state.word : alert.silencedBy,
          "\(alert.count)", alert.service, times.short(alert.openedAt),
          alert.summary)
      }
      table.print(otherwise: "no alerts")
      for alert in reply.alerts where !alert.refusal.isEmpty {
        print("\(alert.id) was \(SafeText.line(alert.refusal))")
      }
      if !reply.after.isEmpty { print("there may be more: --after \(reply.after)") }
      if reply.open > UInt64(reply.alerts.count) { print("\(reply.open) are open in all") }
    }
  }

  /// Asks until there are as many as wanted: intake looks at so many alerts at a time, and an answer has a size. Of several intakes
  /// one after the other, so that the last id of a page says where to go on.
  private func gather() async throws -> ListAlertsReply {
    var request = ListAlertsRequest(
      includeResolved: includeResolved, limit: limit, after: after ?? "", source: source ?? "", dedupKey: key ?? "")
    let wanted = limit == 0 ? 100 : Int(limit)
    var whole = ListAlertsReply()
    let cluster = global.cluster
    let first = after.map { Tier.intake(number: Shard.intake(ofAlert: $0).intakeNumber ?? 1) } ?? .intake
    for tier in cluster.intakes.drop(while: { $0 != first }) {
      // Behind the last alert of the one before: nothing of this one is listed yet.
      guard whole.alerts.count < wanted else { break }
      repeat {
        request.limit = UInt32(clamping: wanted - whole.alerts.count)
        let reply = try await cluster.call(tier, IntakeMethods.listAlerts, request)
        whole.alerts += reply.alerts
        if tier == first || request.after.isEmpty { whole.open += reply.open }
        whole.after = reply.after
        request.after = reply.after
      } while !request.after.isEmpty && whole.alerts.count < wanted
    }
    return whole
  }
}
