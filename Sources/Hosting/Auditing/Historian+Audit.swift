import Machinery
import Messages
import SQLiteJournal
import Wire

/// The audit, read: records are found by the index, and what is verified is the journal itself.
extension Historian {
  private static var recordsAtMost: Int { 1_000 }
  /// What an answer has room for beside the frame's own limit, and beside that of its fields.
  private static var bytesAtMost: Int { 192 * 1_024 }
  /// Rows that one answer has verified: some tenths of a second.
  private static var rowsAtOnce: Int { 20_000 }

  private static var bytesVerifiedAtOnce: Int { 8 * 1_024 * 1_024 }

  func audit(
    _ request: AuditRequest, through sequence: UInt64, then: @escaping @Sendable (Result<AuditList, Refusal>) -> Void
  ) {
    look(through: sequence) { index, reader in
      let limit = request.limit == 0 ? 100 : min(Int(request.limit), Self.recordsAtMost)
      var found = try index.audited(request, limit: limit + 1)
      if request.newest { found.reverse() }
      var bytes = 0
      let fitting = found.prefix(limit).prefix { one in
        bytes += one.body.count + 64
        return bytes <= Self.bytesAtMost
      }
      let taken = fitting.isEmpty ? found.prefix(1) : fitting
      let isMore = taken.count < found.count
      let entries = try (request.newest ? taken.reversed() : Array(taken)).map { one in
        AuditEntry(
          sequence: one.sequence, at: one.at, record: try AuditRecord(decodingTrusted: one.body),
          chain: try reader.head(at: one.sequence)?.chain.bytes ?? [])
      }
      return AuditList(entries: entries, more: isMore, through: index.through)
    } then: {
      then($0)
    }
  }

  func verify(
    _ request: AuditVerification, through sequence: UInt64,
    then: @escaping @Sendable (Result<AuditVerdict, Refusal>) -> Void
  ) {
    look(through: 0) { _, reader in
      var verdict = AuditVerdict(through: request.after, rows: sequence)
      guard let begin = try reader.head(at: request.after) else {
        verdict.damage = "row \(request.after) is missing"
        return verdict
      }
      verdict.chain = begin.chain.bytes
      guard request.chain.isEmpty || request.chain == begin.chain.bytes else {
        verdict.damage = "row \(request.after) is not the one that was there: the rows up to it are others"
        return verdict
      }
      do throws(JournalFailure) {
        let rows = try reader.rows(after: request.after, limit: Self.rowsAtOnce, bytesAtMost: Self.bytesVerifiedAtOnce)
        verdict.through = rows.last?.sequence ?? request.after
        verdict.records = UInt64(rows.count { (try? AuditRecord(inRow: $0.row.body)) != nil })
      } catch {
        guard case .damaged(let sequence, let words) = error else { throw error }
        verdict.through = sequence - 1
        // Where the file is says nothing to whoever asks from elsewhere.
        verdict.damage = words.firstRange(of: ": ").map { String(words[$0.upperBound...]) } ?? words
      }
      verdict.chain = try reader.head(at: verdict.through)?.chain.bytes ?? []
      verdict.more = verdict.damage.isEmpty && verdict.through < sequence
      return verdict
    } then: {
      then($0)
    }
  }
}

extension HistoryIndex.Audited {
  init(_ record: AuditRecord, _ stored: StoredRow) {
    self.init(sequence: stored.sequence, at: stored.row.at, record: record, body: record.encoded())
  }
}
