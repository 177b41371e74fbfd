import Dispatch
import Foundation
import Glibc
import Machinery
import Messages
import SQLiteJournal

/// Reads a tier's journal and checkpoints for a backup, beside the loop and beside the journal's own thread: each piece in a short
/// transaction of its own, so that nobody waits for a backup and the write-ahead log is never pinned.
final class JournalCopier: @unchecked Sendable {
  // Sendable because everything but constants is touched on `queue` only; `isBusy` on the loop only.

  /// Of bodies in one answer, well below what a payload may have.
  private static let bytesAtMost = 512 * 1_024
  private static let rowsAtMost = 2_000

  private let directory: String
  private let queue = DispatchQueue(label: "backup", qos: .utility)
  private var reader: SQLiteJournalReader?
  /// One piece at a time is read.
  var isBusy = false

  init(directory: String) {
    self.directory = directory
  }

  func rows(
    _ request: CopyRowsRequest, through: UInt64, then: @escaping @Sendable (Result<CopiedRows, Refusal>) -> Void
  ) {
    queue.async { [self] in then(attempt { () throws(Refusal) in try rows(request, through: through) }) }
  }

  func checkpoint(
    _ request: CopyCheckpointRequest, then: @escaping @Sendable (Result<CopiedCheckpoint, Refusal>) -> Void
  ) {
    queue.async { [self] in then(attempt { () throws(Refusal) in try checkpoint(request) }) }
  }

  private func rows(_ request: CopyRowsRequest, through: UInt64) throws(Refusal) -> CopiedRows {
    guard request.after <= through else {
      throw Refusal(.outOfRange, "this journal ends at row \(through)", field: "after")
    }
    do {
      let reader = try self.reader ?? SQLiteJournalReader(directory: directory)
      self.reader = reader
      if request.after > 0, let head = try reader.head(at: request.after), head.chain.bytes != request.chain {
        throw Refusal(
          .failedPrecondition, "row \(request.after) of this journal is another one: the copy is of another journal",
          field: "chain")
      }
      var reply = CopiedRows(through: through, version: try reader.writer)
      let found = try reader.rows(after: request.after, limit: Self.rowsAtMost, bytesAtMost: Self.bytesAtMost)
      reply.rows = found.map { CopiedRow(at: $0.row.at, kind: UInt32($0.row.kind.rawValue), body: $0.row.body) }
      // One that is larger than an answer comes in pieces.
      if let first = reply.rows.first, request.offset > 0 || first.body.count > Self.bytesAtMost {
        guard request.offset < UInt64(first.body.count) else {
          throw Refusal(.outOfRange, "row \(request.after + 1) has \(first.body.count) bytes", field: "offset")
        }
        let piece = first.body.dropFirst(Int(request.offset)).prefix(Self.bytesAtMost)
        reply.rows = [CopiedRow(at: first.at, kind: first.kind, body: Array(piece))]
        reply.missing = UInt64(first.body.count - Int(request.offset) - piece.count)
      }
      return reply
    } catch let refusal as Refusal {
      throw refusal
    } catch let failure as JournalFailure {
      reader = nil
      throw Refusal(.dataLoss, "the journal can't be copied: \(failure.words)")
    } catch {
      throw Refusal(.internal, "\(error)")
    }
  }

  /// Whether the file is whole is seen where all of it is.
  private func checkpoint(_ request: CopyCheckpointRequest) throws(Refusal) -> CopiedCheckpoint {
    let known = CheckpointFile.sequences(in: directory)
    let wanted = request.sequence > 0 ? request.sequence : known.first { $0 <= request.through }
    guard let wanted else { return CopiedCheckpoint() }
    let descriptor = open(CheckpointFile.path(of: wanted, in: directory), O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw .notFound("there is no checkpoint at row \(wanted) any more", field: "sequence")
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw Refusal(.unavailable, "the checkpoint can't be read") }
    let count = max(0, min(Self.bytesAtMost, Int(status.st_size) - Int(clamping: request.offset)))
    var piece = [UInt8](repeating: 0, count: count)
    guard pread(descriptor, &piece, count, off_t(clamping: request.offset)) == count else {
      throw Refusal(.unavailable, "the checkpoint can't be read")
    }
    return CopiedCheckpoint(sequence: wanted, size: UInt64(status.st_size), piece: piece)
  }

  private func attempt<Value>(_ body: () throws(Refusal) -> Value) -> Result<Value, Refusal> {
    do throws(Refusal) {
      return .success(try body())
    } catch {
      return .failure(error)
    }
  }
}
