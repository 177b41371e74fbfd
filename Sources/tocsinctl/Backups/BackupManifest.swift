import Foundation
import Machinery
import Messages

/// What a backup's `manifest.json` says: of each tier how far its copy goes, and by which hash that can be told.
struct BackupManifest: Codable {
  static let format = 1

  struct Copy: Codable {
    /// The program that wrote the rows.
    var version: String
    var rows: UInt64
    /// The hash of the chain at the last row, in hexadecimal digits: no other journal ends with it.
    var chain: String
    /// UTC, by the tier's clock; what came later is not in the backup.
    var lastRowAt: String
    var lastRowAtMilliseconds: Int64
    /// The row at which the checkpoint was made that is beside the journal.
    var checkpoint: UInt64?
    var contactKeys: Bool
  }
  var format = BackupManifest.format
  var madeAt: String
  var madeBy: String
  var tiers: [String: Copy]

  enum CodingKeys: String, CodingKey {
    case format, tiers
    case madeAt = "made_at"
    case madeBy = "made_by"
  }
}

extension BackupManifest.Copy {
  enum CodingKeys: String, CodingKey {
    case version, rows, chain, checkpoint
    case lastRowAt = "last_row_at"
    case lastRowAtMilliseconds = "last_row_at_ms"
    case contactKeys = "contact_keys"
  }

  var head: JournalHead? {
    HexText.bytes(chain).map { JournalHead(sequence: rows, chain: ChainHash(bytes: $0)) }
  }

  var lastRow: Instant { Instant(milliseconds: lastRowAtMilliseconds) }
}
