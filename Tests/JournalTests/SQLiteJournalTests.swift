import Foundation
import Machinery
import Messages
import Testing

@testable import SQLiteJournal

/// What only a journal on disk can promise.
@Suite struct SQLiteJournalTests {
  private func filled(_ count: Int) throws -> String {
    let directory = Journals.folder()
    let place = try SQLitePlace(directory)
    try place.append((0..<count).map { Journals.row("the body of row number \($0) of this journal") })
    place.close()
    return directory
  }

  @Test func aSecondProcessIsRefusedAndToldWhoHoldsIt() throws {
    let directory = Journals.folder()
    let first = try SQLitePlace(directory)
    #expect {
      _ = try SQLiteJournal(directory: directory)
    } throws: { error in
      guard case .locked(let words) = error as? JournalFailure else { return false }
      return words.contains("journal.lock") && words.contains("\(ProcessInfo.processInfo.processIdentifier)")
    }
    first.close()
  }

  /// SQLite's own checks don't see a flipped bit in a payload; the row's CRC and the chain do.
  @Test func aFlippedBitInABodyIsFoundAndTheRowNamed() throws {
    let directory = try filled(50)
    let file = URL(fileURLWithPath: "\(directory)/journal.db")
    let log = URL(fileURLWithPath: "\(directory)/journal.db-wal")
    var hit = false
    for url in [file, log] {
      guard var data = try? Data(contentsOf: url), let place = data.range(of: Data("row number 31 of".utf8)) else {
        continue
      }
      data[place.lowerBound + 4] ^= 1
      try data.write(to: url)
      hit = true
    }
    #expect(hit)
    #expect(throws: JournalFailure.self) { _ = try SQLiteJournal(directory: directory, keepsBallast: false) }
  }

  @Test func aJournalThatLostItsTailIsNotTheOneTheCheckpointKnows() throws {
    let directory = try filled(5)
    let known = JournalHead(sequence: 9, chain: .genesis)
    #expect {
      _ = try SQLiteJournal(directory: directory, verifiedThrough: known, keepsBallast: false)
    } throws: { error in
      if case .damaged(9, _) = error as? JournalFailure { true } else { false }
    }
  }

  /// A newer program's rows: 2 may be a kind of its own, and 257 is not 1.
  @Test(arguments: [0, 2, 257, -255]) func aRowOfAnUnknownKindIsRefusedAndItsWriterNamed(_ kind: Int) throws {
    let directory = try filled(3)
    let outside = try Connection("\(directory)/journal.db")
    try outside.run(
      "INSERT OR REPLACE INTO meta(name, value) VALUES('version', '9.9'); UPDATE record SET kind=\(kind) WHERE seq=2")
    #expect {
      _ = try SQLiteJournal(directory: directory, keepsBallast: false)
    } throws: { error in
      guard case .tooNew(let words) = error as? JournalFailure else { return false }
      return words.contains("row 2 is of kind \(kind)") && words.contains("version 9.9")
    }
  }

  /// A reader that meets the log's header half written does this for a moment: a tier must not end for it.
  @Test func anothersLockIsWaitedFor() throws {
    let directory = try filled(3)
    let place = try SQLitePlace(directory)
    nonisolated(unsafe) let outside = try Connection("\(directory)/journal.db")
    try outside.run("BEGIN IMMEDIATE")
    let letsGo = Thread {
      // By then the writer waits, as far as can be told from here.
      for _ in 0..<10_000 { sched_yield() }
      try? outside.run("COMMIT")
    }
    letsGo.start()
    try place.append([Journals.row("while another has the lock")])
    #expect(place.head.sequence == 4)
    place.close()
  }

  @Test func filesAreForTheirOwnerOnly() throws {
    let directory = try filled(1)
    let attributes = try FileManager.default.attributesOfItem(atPath: "\(directory)/journal.db")
    #expect((attributes[.posixPermissions] as? Int) == 0o600)
    let folder = try FileManager.default.attributesOfItem(atPath: directory)
    #expect((folder[.posixPermissions] as? Int) == 0o700)
  }

  @Test func aReaderSeesWhatIsCommittedAndCanNotWrite() throws {
    let directory = Journals.folder()
    let place = try SQLitePlace(directory)
    try place.append([Journals.row("a")])
    let reader = try SQLiteJournalReader(directory: directory)
    #expect(try reader.rows(after: 0, limit: 10).count == 1)
    try place.append([Journals.row("b")])
    #expect(try reader.rows(after: 0, limit: 10).count == 2)
    #expect(try reader.head(at: 2) == place.head)
    for words in [
      "DELETE FROM record", "UPDATE record SET body=x'00'", "CREATE TABLE mine(x)", "PRAGMA application_id=7",
    ] {
      try? reader.connection.run("PRAGMA query_only=OFF")
      #expect(throws: JournalFailure.self, "a reader may say \(words)") { try reader.connection.run(words) }
    }
    #expect(try reader.rows(after: 0, limit: 10).map(\.row) == ["a", "b"].map(Journals.row))
    place.close()
  }

  @Test func theNewestWholeCheckpointCounts() throws {
    let directory = try filled(1)
    let old = CheckpointFile.Content(head: JournalHead(sequence: 10, chain: .genesis), bodies: [[1, 2, 3], []])
    let new = CheckpointFile.Content(head: JournalHead(sequence: 20, chain: .genesis), bodies: [[4]])
    try CheckpointFile.write(old, in: directory)
    try CheckpointFile.write(new, in: directory)
    #expect(CheckpointFile.newest(in: directory)?.bodies == [[4]])
    var data = try Data(contentsOf: URL(fileURLWithPath: "\(directory)/checkpoint-20"))
    data[data.count - 9] ^= 1
    try data.write(to: URL(fileURLWithPath: "\(directory)/checkpoint-20"))
    var told: [String] = []
    #expect(CheckpointFile.newest(in: directory) { told.append($0) }?.bodies == [[1, 2, 3], []])
    #expect(told.count == 1 && told[0].contains("checkpoint-20"))
  }

  @Test func aCheckpointThatWasCutOffIsPassedOver() throws {
    let directory = try filled(1)
    let content = CheckpointFile.Content(
      head: JournalHead(sequence: 7, chain: .genesis), bodies: (0..<100).map { [UInt8](repeating: $0, count: 300) })
    try CheckpointFile.write(content, in: directory)
    let file = URL(fileURLWithPath: "\(directory)/checkpoint-7")
    let whole = try Data(contentsOf: file)
    for length in stride(from: 0, to: whole.count, by: 997) {
      try whole.prefix(length).write(to: file)
      #expect(CheckpointFile.newest(in: directory) == nil, "cut to \(length) bytes")
    }
  }

  @Test func aCheckpointThatIsDamagedAfterItWasLookedAtIsNotTakenForAShorterOne() throws {
    let directory = try filled(1)
    let content = CheckpointFile.Content(
      head: JournalHead(sequence: 7, chain: .genesis), bodies: (0..<10).map { [UInt8](repeating: $0, count: 300) })
    try CheckpointFile.write(content, in: directory)
    let checkpoint = try #require(CheckpointFile.newest(in: directory))
    let file = URL(fileURLWithPath: "\(directory)/checkpoint-7")
    var data = try Data(contentsOf: file)
    data[data.count / 2] ^= 1
    try data.write(to: file)
    #expect(throws: JournalFailure.self) { try checkpoint.forEach { _ in } }
  }

  @Test func onlyTheLastTwoCheckpointsAreKept() throws {
    let directory = try filled(1)
    for sequence in [UInt64(1), 2, 3, 4] {
      try CheckpointFile.write(.init(head: JournalHead(sequence: sequence, chain: .genesis), bodies: []), in: directory)
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: directory).filter { $0.hasPrefix("checkpoint-") }
    #expect(names.sorted() == ["checkpoint-3", "checkpoint-4"])
  }

  @Test func historyIsMadeAgainWhenItsFileIsNone() throws {
    let directory = try filled(1)
    try Data("this is no database".utf8).write(to: URL(fileURLWithPath: "\(directory)/history.db"))
    let history = try HistoryIndex(directory: directory) { _ in nil }
    #expect(history.through == 0)
    let line = HistoryIndex.Line(sequence: 3, at: .unset, subject: "2f-1", person: "ana", kind: "paged", text: "x")
    try history.record(
      [line, line], [.init(id: "2f-1", body: [1])], through: JournalHead(sequence: 5, chain: .genesis))
    #expect(try history.lines(subject: "2f-1").count == 2)
    #expect(try history.lines(subject: "other").isEmpty)
    #expect(try history.thing("2f-1") == [1])
    #expect(try HistoryIndex(directory: directory) { JournalHead(sequence: $0, chain: .genesis) }.through == 5)
  }
}

extension Checkpoint {
  fileprivate var bodies: [[UInt8]] {
    var bodies: [[UInt8]] = []
    try? forEach { bodies.append($0) }
    return bodies
  }
}
