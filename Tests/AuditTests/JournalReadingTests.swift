import Foundation
import Logging
import Machinery
import Messages
import SQLiteJournal
import Synchronization
import Testing
import Wire

@testable import Hosting
@testable import Tiers

/// The audit as it is asked for: found by the index, verified on the journal.
@Suite struct JournalReadingTests {
  private let directory = FileManager.default.temporaryDirectory.appendingPathComponent("audit-\(UUID())").path
  private static let start = Instant(milliseconds: 1_795_000_000_000)

  /// A row a minute: every second one with a record, of ana and ben by turns.
  private func fill(_ count: Int) throws {
    let journal = try SQLiteJournal(directory: directory, keepsBallast: false)
    try journal.append(
      (1...count).map { number in
        let record = AuditRecord(
          principal: number % 4 == 0 ? "ana" : "tara",
          method: "/tocsin.intake.v1.Silences/\(number % 4 == 0 ? "Add" : "End")",
          by: number % 4 == 0 ? "" : "ben", what: "change number-\(number).",
          changes: [AuditChange(name: "reason", after: "because-\(number).")],
          status: number == 8 ? Status.permissionDenied.rawValue : 0)
        let at = Self.start + .minutes(Int64(number))
        return Row(at: at, body: AlertingEntry(at: at, audited: number % 2 == 0 ? record : nil).encoded())
      })
    try journal.checkpointWriteAheadLog(force: true)
  }

  private func list(_ request: AuditRequest, rows: UInt64 = 20) async throws -> AuditList {
    let historian = Historian(Tier.intake(), directory: directory, log: Logger(label: "test"))
    return try await ask { historian.audit(request, through: rows, then: $0) }
  }

  private func verify(_ request: AuditVerification = AuditVerification(), rows: UInt64 = 20) async throws
    -> AuditVerdict
  {
    let historian = Historian(Tier.intake(), directory: directory, log: Logger(label: "test"))
    return try await ask { historian.verify(request, through: rows, then: $0) }
  }

  private func ask<Value: Sendable>(
    _ body: (@escaping @Sendable (Result<Value, Refusal>) -> Void) -> Void
  ) async throws -> Value {
    try await withCheckedContinuation { done in body { done.resume(returning: $0) } }.get()
  }

  @Test func recordsAreFoundByEachOfTheirSides() async throws {
    try fill(20)
    func rows(_ request: AuditRequest) async throws -> [UInt64] { try await list(request).entries.map(\.sequence) }
    #expect(try await rows(AuditRequest()) == [2, 4, 6, 8, 10, 12, 14, 16, 18, 20])
    #expect(try await rows(AuditRequest(by: "ana")) == [4, 8, 12, 16, 20])
    #expect(try await rows(AuditRequest(by: "ben")) == [2, 6, 10, 14, 18], "in whose name counts as well")
    #expect(try await rows(AuditRequest(method: "silences/add")) == [4, 8, 12, 16, 20])
    #expect(try await rows(AuditRequest(what: "number-6.")) == [6])
    #expect(try await rows(AuditRequest(what: "BECAUSE-14.")) == [14], "what was changed counts as well")
    #expect(try await rows(AuditRequest(refusedOnly: true)) == [8])
    #expect(
      try await rows(AuditRequest(sinceAt: Self.start + .minutes(4), untilAt: Self.start + .minutes(8))) == [4, 6])
  }

  @Test func pagesGoOnAndTheNewestComeInOrder() async throws {
    try fill(20)
    let first = try await list(AuditRequest(limit: 4))
    #expect(first.entries.map(\.sequence) == [2, 4, 6, 8] && first.more && first.through == 20)
    let rest = try await list(AuditRequest(after: 8, limit: 100))
    #expect(rest.entries.count == 6 && !rest.more)
    let newest = try await list(AuditRequest(limit: 3, newest: true))
    #expect(newest.entries.map(\.sequence) == [16, 18, 20] && newest.more)
    #expect(newest.entries.allSatisfy { $0.chain.count == 32 })
  }

  @Test func anUntouchedJournalVerifiesToItsEndAndAgainstItsHashes() async throws {
    try fill(20)
    let verdict = try await verify()
    #expect(verdict.through == 20 && verdict.damage.isEmpty && verdict.records == 10 && !verdict.more)
    let entry = try #require(try await list(AuditRequest(what: "number-6.")).entries.first)
    let later = try await verify(AuditVerification(after: 6, chain: entry.chain))
    #expect(later.damage.isEmpty && later.through == 20 && later.chain == verdict.chain)
  }

  @Test func aFlippedByteIsFoundAndItsRowNamed() async throws {
    try fill(20)
    let path = "\(directory)/journal.db"
    var bytes = try #require(FileManager.default.contents(atPath: path))
    // All of it is in the file itself, where a page keeps what was moved from it: each copy is flipped.
    for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
    let words = Data("because-12.".utf8)
    try #require(bytes.range(of: words) != nil)
    while let place = bytes.range(of: words) { bytes[place.lowerBound] ^= 0x20 }
    try bytes.write(to: URL(fileURLWithPath: path))
    let verdict = try await verify()
    #expect(verdict.through == 11 && verdict.damage.contains("row 12 is not what was written"))
  }

  /// Whoever can write the file can make its checksums and hashes anew; the hash that somebody kept shows it.
  @Test func aRewrittenJournalHasOtherHashesThanThoseThatWereKept() async throws {
    try fill(20)
    let kept = try await verify().chain
    try FileManager.default.removeItem(atPath: directory)
    try fill(20)
    #expect(try await verify(AuditVerification(after: 20, chain: kept)).damage.isEmpty, "the same rows are the same")
    try FileManager.default.removeItem(atPath: directory)
    try fill(19)
    let journal = try SQLiteJournal(directory: directory, keepsBallast: false)
    try journal.append([Row(at: Self.start, body: AlertingEntry(at: Self.start).encoded())])
    #expect(try await verify().damage.isEmpty)
    let verdict = try await verify(AuditVerification(after: 20, chain: kept))
    #expect(verdict.damage.contains("row 20 is not the one that was there"))
  }

  @Test func aJournalThatIsShorterThanItWasIsTold() async throws {
    try fill(6)
    #expect(try await verify(AuditVerification(after: 20), rows: 6).damage == "row 20 is missing")
  }
}
