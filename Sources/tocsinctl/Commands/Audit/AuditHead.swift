import Foundation
import Messages

/// A journal's hash at a row, as an export says it: the witness against whoever rewrites the journal afterwards.
struct AuditHead: Codable {
  var tier: String
  var sequence: UInt64
  /// In hex.
  var chain: String

  var line: String { "{\"head\":{\"tier\":\"\(tier)\",\"sequence\":\(sequence),\"chain\":\"\(chain)\"}}" }

  private struct Line: Codable { var head: AuditHead? }

  /// Those of a file that `audit export` has written, or of standard input (`-`); other lines say nothing of hashes.
  static func read(_ path: String) throws -> [AuditHead] {
    let heads = try InputFile.bytes(path).split(separator: 0x0A).compactMap { line -> AuditHead? in
      guard line.starts(with: "{\"head\":".utf8) else { return nil }
      return (try? JSONDecoder().decode(Line.self, from: Data(line)))?.head
    }
    guard !heads.isEmpty else {
      throw WrongInput("\(Self.name(path)) has no line with a journal's hash: audit export writes one")
    }
    return heads
  }

  /// What people call the file.
  static func name(_ path: String) -> String { path == "-" ? "what was given" : path }

  var bytes: [UInt8] { HexText.bytes(chain) ?? [] }
}
