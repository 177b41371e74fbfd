import ArgumentParser
import Foundation
import Messages
import Wire

/// `backup missing TIER --from DIR`.
struct BackupMissing: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "missing",
    abstract: "After a restore: what the other tiers know that the backup of one doesn't.",
    discussion: """
      Ask after hand-over-again, when the tiers owe each other nothing: what was open
      has come again by then. Of the time until the tier's last start, what is named
      here has not:
        alert-intake   alerts that page, and their source's resolve misses:
                       close each when it is over
        escalator      incidents that ended within the lost rows: their timelines
        notifier       pages of the ledger
      What nobody but the lost rows had can't be named: alerts that were accepted and
      not yet handed over (their sources send again what is not answered OK, and what
      still fires), swaps, overrides and time off (their people enter them again).
      """)

  @Argument(help: "The tier that was restored: alert-intake, scheduler, escalator or notifier.")
  var tier: String
  @Option(help: ArgumentHelp("The folder with the backup.", valueName: "folder"))
  var from: String
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let tier = try Tier.named(self.tier)
    guard let copy = try BackupFolder(from).manifest().tiers[tier.name] else {
      throw WrongInput("\(from) has no copy of \(tier.name)")
    }
    let cluster = global.cluster
    let start = try await cluster.call(tier, HealthMethods.check, HealthRequest()).startedAt
    let items = try await MissingItems(cluster: cluster, end: copy.lastRow, start: start).of(tier)
    guard global.output == .table else {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      for item in items { print(String(decoding: try encoder.encode(item), as: UTF8.self)) }
      return
    }
    let times = global.times
    print("the backup of \(tier.name) ends at \(times.full(copy.lastRow))")
    var table = Table("ID", "SINCE (\(times.zone))", "STATE", "WHAT")
    for item in items { table.add(item.id, times.full(item.opened), item.state, item.what) }
    table.print(otherwise: "the other tiers know nothing of the time behind it that \(tier.name) doesn't")
    if tier == .scheduler { print("swaps, overrides, time off, handoffs and pay of that time are to be entered again") }
  }
}
