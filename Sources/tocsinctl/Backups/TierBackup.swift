import Foundation
import Glibc
import Machinery
import Messages
import SQLiteJournal
import Wire

/// Copies one tier's journal while the tier works: the rows up to where it stood when the copying began, then the checkpoint.
///
/// A page of rows is asked for, written and flushed, and then as long is waited as that took, so that a backup has half of a core
/// at most and pages come first. What is there from an earlier backup of the same journal is not copied again.
struct TierBackup {
  /// A tier that has much to do, or a disk that is slow, lets a backup wait.
  private static let patience = Span.minutes(1)

  let tier: Tier
  let cluster: Cluster
  let folder: BackupFolder
  let withContactKeys: Bool

  func run() async throws -> BackupManifest.Copy {
    let directory = folder.folder(of: tier)
    let copy = try JournalCopy(directory: directory)
    let version = try await copyRows(to: copy)
    let checkpoint = try await copyCheckpoint(through: copy.head.sequence)
    let hasKeys = tier == .notifier && withContactKeys
    if hasKeys {
      let keys = try await cluster.call(
        tier, KeepingMethods.copyContactKeys, CopyContactKeysRequest(), timeout: Self.patience)
      try folder.put(Data(keys.text.utf8), folder.contactKeys(of: tier))
    }
    let content = try JournalCopy.verified(in: directory, having: copy.head)
    if let checkpoint, !content.checkpoints.contains(checkpoint) {
      throw WrongInput("the checkpoint of \(tier.name) at row \(checkpoint) did not arrive whole")
    }
    return BackupManifest.Copy(
      version: version, rows: content.head.sequence, chain: HexText.of(content.head.chain.bytes),
      lastRowAt: Times.utc(content.lastRowAt), lastRowAtMilliseconds: content.lastRowAt.milliseconds,
      checkpoint: checkpoint, contactKeys: hasKeys)
  }

  /// Removes what an earlier backup had beside the rows. Only once the manifest tells of this one: until then the earlier one is what
  /// can be restored.
  func removeEarlier(than copy: BackupManifest.Copy) {
    CheckpointFile.removeAll(in: folder.folder(of: tier), but: copy.checkpoint)
    if !copy.contactKeys { unlink(folder.contactKeys(of: tier)) }
  }

  /// - Returns: which program writes.
  private func copyRows(to copy: JournalCopy) async throws -> String {
    let clock = ContinuousClock()
    var end: UInt64?
    while true {
      let began = clock.now
      let page = try await page(after: copy.head)
      let rows = try page.rows.map { row in
        guard let kind = RowKind(rawValue: UInt8(clamping: row.kind)) else {
          throw JournalFailure.tooNew(
            "\(tier.name) has rows of kind \(row.kind), written by version \(page.version): use its tocsinctl")
        }
        return Row(at: row.at, kind: kind, body: row.body)
      }
      let last = end ?? page.through
      end = last
      if !rows.isEmpty { try copy.append(rows, writtenBy: page.version) }
      guard copy.head.sequence < last else { return page.version }
      guard !rows.isEmpty else {
        throw WrongInput("\(tier.name) has no row \(copy.head.sequence + 1), although it said \(last) are on disk")
      }
      try await Task.sleep(for: clock.now - began)
    }
  }

  /// Rows that follow; one that is larger than an answer, put together from its pieces.
  private func page(after head: JournalHead) async throws -> CopiedRows {
    var request = CopyRowsRequest(
      after: head.sequence, chain: head.sequence == 0 ? [] : head.chain.bytes)
    do {
      var page = try await cluster.call(tier, KeepingMethods.copyRows, request, timeout: Self.patience)
      while page.missing > 0, var row = page.rows.first {
        request.offset = UInt64(row.body.count)
        let more = try await cluster.call(tier, KeepingMethods.copyRows, request, timeout: Self.patience)
        row.body += more.rows.first?.body ?? []
        page.rows = [row]
        page.missing = more.missing
      }
      return page
    } catch let refusal as Refusal where refusal.field == "chain" || refusal.field == "after" {
      throw WrongInput(
        "\(folder.folder(of: tier)) holds a backup of another journal of \(tier.name): \(refusal.message). Give an empty folder"
      )
    }
  }

  /// - Returns: the row that it was made at, if there is one.
  private func copyCheckpoint(through last: UInt64) async throws -> UInt64? {
    let directory = folder.folder(of: tier)
    for _ in 0..<3 {
      do {
        var request = CopyCheckpointRequest(through: last)
        var bytes = Data()
        repeat {
          let reply = try await cluster.call(tier, KeepingMethods.copyCheckpoint, request, timeout: Self.patience)
          guard reply.sequence > 0 else { return nil }
          request.sequence = reply.sequence
          bytes += reply.piece
          request.offset = UInt64(bytes.count)
          if request.offset >= reply.size { break }
          guard !reply.piece.isEmpty else {
            throw WrongInput("the checkpoint of \(tier.name) at row \(reply.sequence) ends too early")
          }
        } while true
        try folder.put(bytes, CheckpointFile.path(of: request.sequence, in: directory))
        return request.sequence
      } catch let refusal as Refusal where refusal.status == .notFound {
        // A newer one has taken its place meanwhile.
        continue
      }
    }
    throw WrongInput("\(tier.name) makes checkpoints faster than they can be copied")
  }
}
