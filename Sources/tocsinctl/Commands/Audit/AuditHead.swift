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

  /// Those of a file that `audit export` has written; other lines say nothing of hashes.
  static func read(_ path: String) throws -> [AuditHead] {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw WrongInput("\(path) can't be read")
    }
    let heads = text.split(separator: "\n").compactMap { line -> AuditHead? in
      guard line.hasPrefix("{\"head\":") else { return nil }
      return (try? JSONDecoder().decode(Line.self, from: Data(line.utf8)))?.head
    }
    guard !heads.isEmpty else { throw WrongInput("\(path) has no line with a journal's hash: audit export writes one") }
    return heads
  }

  var bytes: [UInt8] { HexText.bytes(chain) ?? [] }
}
