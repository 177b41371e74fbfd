import ArgumentParser
import Messages
import Wire

/// Pages: what reached whom.
struct PageCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "page", abstract: "See what was sent to whom, and how it fared.",
    subcommands: [PageList.self, PageShow.self, PageTest.self])
}

/// The notifier's ledger of attempts.
struct PageList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List deliveries, the newest page first: planned, handed over, delivered, failed.")

  @Option(help: ArgumentHelp("Only those of an incident.", valueName: "id"))
  var incident: String?
  @Flag(name: .customLong("open"), help: "Only those that are not settled.")
  var openOnly = false
  @Option(help: ArgumentHelp("At most this many.", valueName: "n"))
  var limit: UInt32 = 100
  @Option(help: ArgumentHelp("Go on after this page (the end of a list says which).", valueName: "page"))
  var after: String?
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let request = ListPagesRequest(incidentId: incident ?? "", limit: limit, openOnly: openOnly, after: after ?? "")
    let reply = try await global.cluster.call(.notifier, NotificationMethods.listPages, request)
    let times = global.times
    try Answer.show(reply, global.output) {
      var table = Table("PAGE", "PERSON", "CHANNEL", "STATE", "ATTEMPTS", "DUE (\(times.zone))", "CHANGED", "WORDS")
      for delivery in reply.deliveries {
        table.add(
          delivery.pageId, delivery.person, delivery.channel,
          delivery.heldUntilAt.isSet ? "held until \(times.clock(delivery.heldUntilAt))" : delivery.state.word,
          "\(delivery.attempts)",
          times.clock(delivery.dueAt), times.clock(delivery.changedAt),
          [delivery.words, delivery.remark].filter { !$0.isEmpty }.joined(separator: "; "))
      }
      table.print(otherwise: "no pages")
      if !reply.next.isEmpty { print("more: --after \(reply.next)") }
      if reply.open > 0 { print("\(reply.open) not settled in all") }
    }
  }
}
