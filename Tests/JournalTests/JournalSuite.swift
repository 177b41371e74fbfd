import CSQLite
import Foundation
import Machinery
import Messages
import Testing

@testable import SQLiteJournal

/// A journal under test: how to open it, and to open again what a process left behind.
struct JournalUnderTest: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var make: @Sendable () throws -> OpenedJournal
}

/// A journal that can be made to fail as its disk would.
protocol FailingJournal: Journal {
  /// From now on there is no room, until there is.
  func fill(_ isFull: Bool) throws
  /// The next append fails after its first row.
  func breakNextAppend()
  /// Rows are on their way to the disk and not flushed.
  func writeWithoutFlush(_ rows: [Row]) throws
}

/// One place to keep rows, through several lives of its process.
final class OpenedJournal {
  private(set) var journal: any FailingJournal
  private let again: (any Journal) throws -> any FailingJournal
  private let afterKill: (any Journal) throws -> any FailingJournal

  /// - Parameters:
  ///   - again: opens what a process left that ended in order.
  ///   - afterKill: opens what is on the disk while the process is in the middle of something.
  init(
    _ journal: any FailingJournal, again: @escaping (any Journal) throws -> any FailingJournal,
    afterKill: @escaping (any Journal) throws -> any FailingJournal
  ) {
    self.journal = journal
    self.again = again
    self.afterKill = afterKill
  }

  /// The process ends and another one opens what it left.
  func reopen() throws { journal = try again(journal) }

  func kill() throws { journal = try afterKill(journal) }
}

/// A SQLite journal that can be let go of, so that its lock is free for the next.
final class SQLitePlace: FailingJournal {
  let directory: String
  private var journal: SQLiteJournal?

  init(_ directory: String) throws {
    self.directory = directory
    journal = try SQLiteJournal(directory: directory, keepsBallast: false)
  }

  func close() { journal = nil }

  var head: JournalHead { journal?.head ?? .empty }
  func append(_ rows: [Row]) throws(JournalFailure) { try journal?.append(rows) }
  func rows(after sequence: UInt64, limit: Int) throws(JournalFailure) -> [StoredRow] {
    try journal?.rows(after: sequence, limit: limit) ?? []
  }

  func fill(_ isFull: Bool) throws {
    let pages = try journal?.connection.number("PRAGMA page_count") ?? 0
    _ = try journal?.connection.number("PRAGMA max_page_count=\(isFull ? pages : pages + 1_000_000)")
  }

  func breakNextAppend() {
    sqlite3_limit(journal?.connection.handle, SQLITE_LIMIT_LENGTH, 100)
  }

  func writeWithoutFlush(_ rows: [Row]) throws {
    guard let journal else { return }
    _ = try journal.begin.step()
    var next = journal.head
    for row in rows {
      next = JournalHead(
        sequence: next.sequence + 1, chain: next.chain.followed(by: row, sequence: next.sequence + 1))
      try journal.write(row, next)
    }
    // Out of SQLite's memory and into the log, as when a transaction is large.
    sqlite3_db_cacheflush(journal.connection.handle)
  }

  /// Another folder, with what the disk has now.
  func copy() throws -> String {
    let copy = Journals.folder()
    try FileManager.default.copyItem(atPath: directory, toPath: copy)
    return copy
  }
}

extension MemoryJournal: FailingJournal {
  func fill(_ isFull: Bool) { failNext = isFull ? .full("no room") : nil }
  func breakNextAppend() { failNext = .broken("the disk failed") }
  func writeWithoutFlush(_ rows: [Row]) throws { try write(rows) }
}

enum Journals {
  static func folder() -> String {
    FileManager.default.temporaryDirectory.appendingPathComponent("journal-\(UUID().uuidString)").path
  }

  static let all = [
    JournalUnderTest(testDescription: "SQLite") {
      let directory = folder()
      return OpenedJournal(try SQLitePlace(directory)) { old in
        (old as? SQLitePlace)?.close()
        return try SQLitePlace(directory)
      } afterKill: { old in
        guard let old = old as? SQLitePlace else { throw JournalFailure.broken("no journal of SQLite") }
        return try SQLitePlace(old.copy())
      }
    },
    JournalUnderTest(testDescription: "memory") {
      let crash: (any Journal) -> any FailingJournal = {
        MemoryJournal(on: ($0 as? MemoryJournal)?.crash() ?? Platter())
      }
      return OpenedJournal(MemoryJournal(), again: crash, afterKill: crash)
    },
  ]

  static func row(_ text: String) -> Row { Row(at: Instant(milliseconds: 1), body: Array(text.utf8)) }
}

/// What every journal promises.
@Suite struct JournalSuite {
  @Test(arguments: Journals.all) func whatWasAppendedIsThereInOrder(_ under: JournalUnderTest) throws {
    let place = try under.make()
    try place.journal.append(["a", "b"].map(Journals.row))
    try place.journal.append(["c"].map(Journals.row))
    let rows = try place.journal.rows(after: 0, limit: 100)
    #expect(rows.map(\.sequence) == [1, 2, 3])
    #expect(rows.map { String(decoding: $0.row.body, as: UTF8.self) } == ["a", "b", "c"])
    #expect(try place.journal.rows(after: 1, limit: 1).map(\.sequence) == [2])
    #expect(try place.journal.rows(after: 3, limit: 10).isEmpty)
  }

  @Test(arguments: Journals.all) func theNextProcessFindsEverythingAndTheSameChain(_ under: JournalUnderTest) throws {
    let place = try under.make()
    try place.journal.append((0..<500).map { Journals.row("row \($0)") })
    let head = place.journal.head
    try place.reopen()
    #expect(place.journal.head == head)
    try place.journal.append([Journals.row("after")])
    #expect(place.journal.head.sequence == 501)
    #expect(try place.journal.rows(after: 0, limit: 1_000).count == 501)
  }

  @Test(arguments: Journals.all) func anEmptyAppendChangesNothing(_ under: JournalUnderTest) throws {
    let place = try under.make()
    try place.journal.append([])
    #expect(place.journal.head == .empty)
  }

  @Test(arguments: Journals.all) func theChainDependsOnEveryRow(_ under: JournalUnderTest) throws {
    let one = try under.make()
    let other = try under.make()
    try one.journal.append(["a", "b"].map(Journals.row))
    try other.journal.append(["a", "c"].map(Journals.row))
    #expect(one.journal.head.chain != other.journal.head.chain)
  }

  /// Nothing of it is kept, and it can be tried again.
  @Test(arguments: Journals.all) func aFullDiskTakesNothingAndGoesOnWhenThereIsRoom(_ under: JournalUnderTest) throws {
    let place = try under.make()
    try place.journal.append(["a", "b"].map(Journals.row))
    let before = place.journal.head
    let large = (0..<40).map { Row(at: .unset, body: [UInt8](repeating: $0, count: 10_000)) }
    try place.journal.fill(true)
    #expect {
      try place.journal.append(large)
    } throws: {
      if case .full = $0 as? JournalFailure { true } else { false }
    }
    #expect(place.journal.head == before)
    #expect(try place.journal.rows(after: 0, limit: 100).count == 2)
    try place.journal.fill(false)
    try place.journal.append(large)
    let head = place.journal.head
    #expect(head.sequence == 42)
    try place.reopen()
    #expect(place.journal.head == head)
    #expect(try place.journal.rows(after: 2, limit: 100).map(\.row) == large)
  }

  /// What was durable stays so, what failed was never said to be; its owner ends, and the next one goes on.
  @Test(arguments: Journals.all) func afterAnAppendThatFailedTheNextProcessHasAllThatWasDurable(
    _ under: JournalUnderTest
  ) throws {
    let place = try under.make()
    try place.journal.append(["a", "b"].map(Journals.row))
    let before = place.journal.head
    place.journal.breakNextAppend()
    #expect {
      try place.journal.append([Journals.row("c"), Row(at: .unset, body: [UInt8](repeating: 1, count: 1_000))])
    } throws: {
      if case .broken = $0 as? JournalFailure { true } else { false }
    }
    #expect(place.journal.head == before)
    #expect(try place.journal.rows(after: 0, limit: 10).count == 2)
    try place.reopen()
    #expect(place.journal.head == before)
    try place.journal.append([Journals.row("d")])
    #expect(try place.journal.rows(after: 0, limit: 10).map(\.row) == ["a", "b", "d"].map(Journals.row))
  }

  /// SIGKILL between the write and the flush.
  @Test(arguments: Journals.all) func ofRowsThatWereNotFlushedAKillLeavesNone(_ under: JournalUnderTest) throws {
    let place = try under.make()
    try place.journal.append(["a", "b"].map(Journals.row))
    let before = place.journal.head
    try place.journal.writeWithoutFlush((0..<20).map { Row(at: .unset, body: [UInt8](repeating: $0, count: 10_000)) })
    #expect(place.journal.head == before)
    try place.kill()
    #expect(place.journal.head == before)
    try place.journal.append([Journals.row("c")])
    #expect(try place.journal.rows(after: 0, limit: 100).map(\.row) == ["a", "b", "c"].map(Journals.row))
  }

  @Test(arguments: Journals.all) func eachKindOfRowComesBackAsWhatItIs(_ under: JournalUnderTest) throws {
    let place = try under.make()
    let rows = RowKind.allCases.enumerated().map { number, kind in
      Row(at: Instant(milliseconds: -Int64(number)), kind: kind, body: [kind.rawValue])
    }
    try place.journal.append(rows)
    try place.reopen()
    #expect(try place.journal.rows(after: 0, limit: 100).map(\.row) == rows)
  }

  @Test(arguments: Journals.all) func largeAndEmptyBodiesSurvive(_ under: JournalUnderTest) throws {
    let place = try under.make()
    let large = [UInt8](repeating: 7, count: 900_000)
    try place.journal.append([Row(at: .unset, body: []), Row(at: .unset, body: large)])
    try place.reopen()
    #expect(try place.journal.rows(after: 0, limit: 10).map(\.row.body) == [[], large])
  }
}
