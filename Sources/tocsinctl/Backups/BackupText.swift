import Foundation
import Messages

/// A backup as people and scripts read it.
enum BackupText {
  static func show(_ manifest: BackupManifest, in folder: BackupFolder, _ global: GlobalOptions) throws {
    switch global.output {
    case .table:
      let times = global.times
      var table = Table("TIER", "ROWS", "LAST ROW (\(times.zone))", "CHECKPOINT", "CONTACT KEYS", "WRITTEN BY", "HASH")
      for (name, copy) in manifest.tiers.sorted(by: { $0.key < $1.key }) {
        let tier = try Tier.named(name)
        table.add(
          tier.name, "\(copy.rows)", times.full(copy.lastRow), copy.checkpoint.map { "row \($0)" } ?? "none",
          tier == .notifier ? (copy.contactKeys ? "yes" : "NO") : "-", copy.version, String(copy.chain.prefix(16)))
      }
      table.print(otherwise: "no tier")
    case .json:
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      print(String(decoding: try encoder.encode(manifest), as: UTF8.self))
    }
  }
}
