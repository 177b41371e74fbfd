import ArgumentParser
import Messages
import Wire

/// The latest records of all tiers, in the order in which things happened.
struct AuditShow: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "list", abstract: "The latest changes, newest last.")

  @OptionGroup var filter: AuditFilter
  @Option(help: ArgumentHelp("At most this many, the newest, up to 1000.", valueName: "n"))
  var limit: UInt32 = 50
  @OptionGroup var global: GlobalOptions

  mutating func validate() throws {
    guard (1...1_000).contains(limit) else { throw ValidationError("--limit is from 1 to 1000") }
  }

  func run() async throws {
    var request = try filter.request(global.times)
    request.limit = limit
    request.newest = true
    let cluster = global.cluster
    var found: [(tier: Tier, entry: AuditEntry)] = []
    var isMore = false
    for tier in try filter.tiers(of: cluster) {
      let list = try await cluster.call(tier, AuditMethods.list, request)
      isMore = isMore || list.more
      found += list.entries.map { (tier, $0) }
    }
    found.sort {
      ($0.entry.at, $0.tier.name, $0.entry.sequence) < ($1.entry.at, $1.tier.name, $1.entry.sequence)
    }
    isMore = isMore || found.count > Int(limit)
    found = found.suffix(Int(limit))
    switch global.output {
    case .json: print("[\(try found.map { try AuditText.json($0.tier, $0.entry) }.joined(separator: ",\n"))]")
    case .table:
      var table = Table("WHEN (\(global.times.zone))", "TIER", "BY", "FROM", "WHAT, FROM WHAT → TO WHAT")
      for (tier, entry) in found { AuditText.add(entry, of: tier, to: &table, global.times) }
      table.print(otherwise: "no changes")
      if isMore { print("there are older ones: --limit, --since and --until, or audit export for all") }
    }
  }
}
