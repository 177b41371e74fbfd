import ArgumentParser
import Messages
import Wire

/// Is everything that the journals say still what was written?
struct AuditVerify: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Read every row of every journal from disk, and check it against its checksum and the chain.",
    discussion: """
      Exits with 1 when a row is not what was written, and says which. With --against
      the journals must also have the hashes that an earlier export noted.
      """)

  @Option(help: ArgumentHelp("Only of this tier; more than one may be given.", valueName: "tier"))
  var tier: [String] = []
  @Option(help: ArgumentHelp("What audit export wrote earlier; - reads standard input.", valueName: "file"))
  var against: String?
  @OptionGroup var global: GlobalOptions

  mutating func validate() throws {
    for name in tier { _ = try Tier.named(name) }
  }

  func run() async throws {
    let heads = try against.map { try AuditHead.read($0) } ?? []
    let cluster = global.cluster
    var isWell = true
    var verdicts: [(tier: Tier, verdict: AuditVerdict)] = []
    for tier in try tier.isEmpty ? cluster.tiers : tier.map({ try Tier.named($0) }) {
      var verdict = try await JournalCheck.run(tier, on: cluster)
      for head in heads where head.tier == tier.name && verdict.damage.isEmpty {
        let request = AuditVerification(after: head.sequence, chain: head.bytes)
        let compared = try await cluster.call(tier, AuditMethods.verify, request, timeout: .seconds(60))
        if !compared.damage.isEmpty { verdict.damage = "\(AuditHead.name(against ?? "")): \(compared.damage)" }
      }
      isWell = isWell && verdict.damage.isEmpty
      verdicts.append((tier, verdict))
    }
    switch global.output {
    case .json:
      let tiers = try verdicts.map { "\"\($0.tier.name)\":\(try Answer.json($0.verdict))" }
      print("{\"intact\":\(isWell),\"tiers\":{\(tiers.joined(separator: ","))}}")
    case .table:
      var table = Table("TIER", "ROWS VERIFIED", "RECORDS", "HASH", "WHAT IS WRONG")
      for (tier, verdict) in verdicts {
        table.add(
          tier.name, "\(verdict.through)", "\(verdict.records)", String(HexText.of(verdict.chain).prefix(16)),
          verdict.damage)
      }
      table.print(otherwise: "")
      let compared = against.map { ", and the hashes are those that \(AuditHead.name($0)) has" } ?? ""
      if isWell { print("every row is what was written\(compared)") }
    }
    guard isWell else { throw Failure.refused }
  }
}
