import Foundation
import Machinery
import Messages
import SQLiteJournal
import Testing

/// A journal is copied row by row, and a copy takes the place of a journal that is lost, never of one that knows more.
@Suite struct RestorationTests {
  private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("restoration-\(UUID())").path
  private var live: String { "\(folder)/live" }
  private var backup: String { "\(folder)/backup" }

  private func row(_ number: UInt64) -> Row {
    Row(at: Instant(milliseconds: Int64(number) * 1_000), body: Array("row \(number)".utf8))
  }

  /// A tier writes rows up to a number.
  @discardableResult
  private func write(through last: UInt64, in directory: String? = nil) throws -> JournalHead {
    let journal = try SQLiteJournal(directory: directory ?? live)
    for number in journal.head.sequence + 1..<last + 1 { try journal.append([row(number)]) }
    return journal.head
  }

  /// A backup takes what there is, in pages.
  @discardableResult
  private func copy(from directory: String? = nil) throws -> JournalHead {
    let reader = try SQLiteJournalReader(directory: directory ?? live)
    let copy = try JournalCopy(directory: backup)
    while case let page = try reader.rows(after: copy.head.sequence, limit: 7), !page.isEmpty {
      try copy.append(page.map(\.row), writtenBy: "0.1.0")
    }
    return copy.head
  }

  private func restore(givesUpNewer: Bool = false) throws -> Restoration.Outcome {
    try Restoration(of: backup, into: live).run(givesUpNewer: givesUpNewer)
  }

  private func refusal(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "none"
    } catch {
      return (error as? JournalFailure)?.words ?? "\(error)"
    }
  }

  @Test func aCopyEndsWithTheSameHashAndGoesOnWhereItEnded() throws {
    let first = try write(through: 20)
    #expect(try copy() == first)
    let second = try write(through: 33)
    #expect(try copy() == second)
    let content = try JournalCopy.verified(in: backup, having: first)
    #expect(content.head == second && content.lastRowAt == Instant(milliseconds: 33_000))
  }

  @Test func whatIsRestoredIsMarkedUntilAStartIsOnDisk() throws {
    try write(through: 20)
    try copy()
    try FileManager.default.removeItem(atPath: live)
    let outcome = try restore()
    #expect(outcome.restored.head.sequence == 20 && outcome.setAside == nil)
    for _ in 0..<2 {
      let journal = try SQLiteJournal(directory: live)
      #expect(journal.isRestored && journal.hasLostRows && journal.lastRowAt == Instant(milliseconds: 20_000))
    }
    try write(through: 21)
    let later = try SQLiteJournal(directory: live)
    #expect(!later.isRestored && !later.hasLostRows && later.head.sequence == 21)
  }

  @Test func aJournalThatKnowsMoreIsNotOverwritten() throws {
    try write(through: 20)
    try copy()
    try write(through: 25)
    let words = refusal { _ = try restore() }
    #expect(words.contains("has 25 rows and is whole") && words.contains("gives up 5 rows"))
    #expect(try SQLiteJournalReader(directory: live).rows(after: 24, limit: 9).count == 1)
    let outcome = try restore(givesUpNewer: true)
    let setAside = try #require(outcome.setAside)
    #expect(outcome.rowsGivenUp == 5)
    #expect(try SQLiteJournalReader(directory: setAside).rows(after: 0, limit: 99).count == 25)
    #expect(try SQLiteJournal(directory: live).head.sequence == 20)
  }

  @Test func anOlderPartOfTheSameJournalIsSetAsideByItself() throws {
    try write(through: 20)
    try copy()
    try FileManager.default.removeItem(atPath: live)
    try write(through: 12)
    let outcome = try restore()
    #expect(outcome.rowsGivenUp == 0 && outcome.setAside != nil)
    #expect(try SQLiteJournal(directory: live).head.sequence == 20)
  }

  @Test func nothingIsRestoredUnderARunningTier() throws {
    try write(through: 20)
    try copy()
    let running = try SQLiteJournal(directory: live)
    #expect(refusal { _ = try restore(givesUpNewer: true) }.contains("is held by"))
    withExtendedLifetime(running) {}
  }

  @Test func anotherJournalAndOneThatCanNotBeReadAreSetAsideOnlyWhenSomebodySaysSo() throws {
    try write(through: 20)
    try copy()
    try FileManager.default.removeItem(atPath: live)
    do {
      let other = try SQLiteJournal(directory: live)
      try other.append([Row(at: .unset, body: [1])])
    }
    #expect(refusal { _ = try restore() }.contains("is another one than the backup's"))
    try Data("this is no database".utf8).write(to: URL(fileURLWithPath: "\(live)/journal.db"))
    #expect(refusal { _ = try restore() }.contains("can't be read"))
    #expect(try restore(givesUpNewer: true).setAside != nil)
    #expect(try SQLiteJournal(directory: live).head.sequence == 20)
  }

  @Test func aCopyThatIsNotWhatWasWrittenIsNotRestored() throws {
    try write(through: 20)
    try copy()
    let path = "\(backup)/journal.db"
    var data = try #require(FileManager.default.contents(atPath: path))
    let at = try #require(data.range(of: Data("row 7".utf8))).lowerBound
    data[at] ^= 1
    try data.write(to: URL(fileURLWithPath: path))
    try FileManager.default.removeItem(atPath: live)
    #expect(refusal { _ = try restore() }.contains("row 7 is not what was written"))
    #expect(!FileManager.default.fileExists(atPath: "\(live)/journal.db"))
  }

  @Test func aManifestThatTellsOfAnotherJournalIsNoticed() throws {
    let head = try write(through: 20)
    try copy()
    let other = JournalHead(sequence: head.sequence, chain: .genesis)
    #expect(refusal { _ = try JournalCopy.verified(in: backup, having: other) }.contains("row 20 is another one"))
  }

  /// A disk as a tier leaves it that is killed: rows in the log that are not in the file yet, and a checkpoint beyond the backup.
  private func leaveKilled(through last: UInt64) throws {
    let running = "\(folder)/running"
    let journal = try SQLiteJournal(directory: running)
    for number in journal.head.sequence + 1..<last + 1 { try journal.append([row(number)]) }
    try CheckpointFile.write(.init(head: journal.head, bodies: [[1]]), in: running)
    try? FileManager.default.removeItem(atPath: live)
    try FileManager.default.copyItem(atPath: running, toPath: live)
    #expect(try Data(contentsOf: URL(fileURLWithPath: "\(live)/journal.db-wal")).count > 0)
  }

  /// Rows of the lost log would be replayed into the restored file, ids used again, and a checkpoint beyond its end ends each start.
  @Test func whatIsLeftOfALostJournalIsNoPartOfTheRestoredOne() throws {
    try write(through: 20)
    try copy()
    try leaveKilled(through: 25)
    try FileManager.default.removeItem(atPath: "\(live)/journal.db")
    let outcome = try restore()
    #expect(outcome.rowsGivenUp == 5)
    let setAside = try FileManager.default.contentsOfDirectory(atPath: #require(outcome.setAside))
    #expect(setAside.sorted() == ["checkpoint-25", "journal.db-wal"])
    #expect(CheckpointFile.newest(in: live) == nil)
    let journal = try SQLiteJournal(directory: live)
    #expect(journal.isRestored && journal.head.sequence == 20)
  }

  @Test(arguments: Restoration.Step.allCases)
  func aRestoreThatIsCutShortMixesNothingAndCanBeRunAgain(at step: Restoration.Step) throws {
    try write(through: 20)
    try copy()
    try leaveKilled(through: 25)
    #expect(throws: JournalFailure.self) {
      try Restoration(of: backup, into: live).run(givesUpNewer: true) { reached throws(JournalFailure) in
        if reached == step { throw .broken("killed") }
      }
    }
    do {
      let journal = try SQLiteJournal(directory: live)
      #expect([.isNamed, .isDone].contains(step) && journal.isRestored && journal.head.sequence == 20)
    } catch {
      #expect(![.isNamed, .isDone].contains(step) && error.words.contains("rows are lost"))
    }
    // The number of rows that are given up is no longer asked about once it is noted that they are.
    let mustSay: [Restoration.Step] = [.logIsAside, .journalIsAside, .allIsAside, .isCopied]
    _ = try restore(givesUpNewer: mustSay.contains(step))
    #expect(CheckpointFile.sequences(in: live) == [])
    let journal = try SQLiteJournal(directory: live)
    #expect(journal.isRestored && journal.head.sequence == 20)
  }

  @Test func theJournalThatIsSetAsideHasItsLogAlthoughARestoreWasCutShort() throws {
    try write(through: 20)
    try copy()
    try leaveKilled(through: 25)
    #expect(throws: JournalFailure.self) {
      try Restoration(of: backup, into: live).run(givesUpNewer: true) { reached throws(JournalFailure) in
        if reached == .logIsAside { throw .broken("killed") }
      }
    }
    let setAside = try #require(try restore(givesUpNewer: true).setAside)
    #expect(try SQLiteJournalReader(directory: setAside).rows(after: 0, limit: 99).count == 25)
  }
}
