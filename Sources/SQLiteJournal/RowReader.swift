import Machinery
import Messages

/// Reads rows and verifies each: its CRC, its place in the chain, and that its kind is known.
struct RowReader {
  private let connection: Connection

  init(_ connection: Connection) {
    self.connection = connection
  }

  /// Which program wrote last.
  var writer: String {
    get throws(JournalFailure) {
      let version = try connection.text("SELECT value FROM meta WHERE name='version'")
      return version.isEmpty ? "an unnamed version" : "version \(version)"
    }
  }

  /// - Parameter bytesAtMost: of bodies; the first row comes whatever its size.
  func rows(after sequence: UInt64, limit: Int, bytesAtMost: Int = .max) throws(JournalFailure) -> [StoredRow] {
    var found: [StoredRow] = []
    var bytes = 0
    let before = sequence == 0 ? ChainHash.genesis : try chain(at: sequence)
    guard let before else { return [] }
    _ = try walk(JournalHead(sequence: sequence, chain: before), limit: limit) { stored in
      bytes += stored.row.body.count
      guard found.isEmpty || bytes <= bytesAtMost else { return false }
      found.append(stored)
      return bytes < bytesAtMost
    }
    return found
  }

  /// Verifies everything after a head that is known to be good, and says where the journal ends.
  func verify(after head: JournalHead) throws(JournalFailure) -> JournalHead {
    if head.sequence > 0 {
      guard let kept = try chain(at: head.sequence) else {
        throw .damaged(
          sequence: head.sequence,
          "\(connection.path): a checkpoint knows row \(head.sequence), the journal has lost it")
      }
      guard kept == head.chain else {
        throw .damaged(
          sequence: head.sequence, "\(connection.path): row \(head.sequence) is not the one that the checkpoint knows")
      }
    }
    return try walk(head, limit: .max) { _ in true }
  }

  func chain(at sequence: UInt64) throws(JournalFailure) -> ChainHash? {
    let statement = try connection.prepare("SELECT chain FROM record WHERE seq=?")
    statement.bind(1, Int64(clamping: sequence))
    return try statement.step() ? ChainHash(bytes: statement.bytes(0)) : nil
  }

  /// - Parameter take: says whether to go on.
  private func walk(
    _ start: JournalHead, limit: Int, _ take: (StoredRow) -> Bool
  ) throws(JournalFailure) -> JournalHead {
    let statement = try connection.prepare(
      "SELECT seq, at, kind, body, crc, chain FROM record WHERE seq>? ORDER BY seq LIMIT ?")
    statement.bind(1, Int64(clamping: start.sequence))
    statement.bind(2, Int64(limit))
    var head = start
    while try statement.step() {
      let sequence = UInt64(statement.int(0))
      guard sequence == head.sequence + 1 else {
        throw .damaged(sequence: head.sequence + 1, "\(connection.path): row \(head.sequence + 1) is missing")
      }
      guard let kind = UInt8(exactly: statement.int(2)).flatMap(RowKind.init) else {
        throw .tooNew("\(connection.path): row \(sequence) is of kind \(statement.int(2)), written by \(try writer)")
      }
      let row = Row(at: Instant(milliseconds: statement.int(1)), kind: kind, body: statement.bytes(3))
      guard CRC32C.checksum(row.body) == UInt32(truncatingIfNeeded: statement.int(4)) else {
        throw .damaged(sequence: sequence, "\(connection.path): row \(sequence) is not what was written (CRC)")
      }
      let chain = head.chain.followed(by: row, sequence: sequence)
      guard chain.bytes == statement.bytes(5) else {
        throw .damaged(
          sequence: sequence, "\(connection.path): row \(sequence) does not follow from the rows before it")
      }
      head = JournalHead(sequence: sequence, chain: chain)
      guard take(StoredRow(sequence: sequence, row: row)) else {
        statement.reset()
        break
      }
    }
    return head
  }
}
