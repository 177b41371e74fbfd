import ArgumentParser
import Messages
import Wire

/// All records, a line each, for keeping elsewhere.
struct AuditExport: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "All that match, as JSON, a record a line; then each journal's hash.",
    discussion: """
      The last line of each tier says up to which row its journal was verified, and
      the hash at that row: audit verify --against FILE compares them later.
      """)

  @OptionGroup var filter: AuditFilter
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    var request = try filter.request(global.times)
    request.limit = 1_000
    let cluster = global.cluster
    for tier in try filter.tiers(of: cluster) {
      request.after = 0
      while true {
        let list = try await cluster.call(tier, AuditMethods.list, request)
        for entry in list.entries { Answer.stream(try AuditText.json(tier, entry)) }
        guard list.more, let last = list.entries.last else { break }
        request.after = last.sequence
      }
      let verdict = try await JournalCheck.run(tier, on: cluster)
      Answer.stream(AuditHead(tier: tier.name, sequence: verdict.through, chain: HexText.of(verdict.chain)).line)
      guard verdict.damage.isEmpty else {
        Failure.say("\(tier.name): \(verdict.damage)")
        throw Failure.refused
      }
    }
  }
}
