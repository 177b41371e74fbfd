import Foundation
import Machinery
import Messages
import SQLiteJournal
import Testing

/// A journal under test: how to open it, and to open again what a process left behind.
struct JournalUnderTest: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var make: @Sendable () throws -> OpenedJournal
}

/// One place to keep rows, through several lives of its process.
final class OpenedJournal {
  private(set) var journal: any Journal
  private let again: (any Journal) throws -> any Journal

  init(_ journal: any Journal, again: @escaping (any Journal) throws -> any Journal) {
    self.journal = journal
    self.again = again
  }

  /// The process ends and another one opens what it left.
  func reopen() throws { journal = try again(journal) }
}

/// A SQLite journal that can be let go of, so that its lock is free for the next.
final class SQLitePlace: Journal {
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
      }
    },
    JournalUnderTest(testDescription: "memory") {
      OpenedJournal(MemoryJournal()) { old in
        MemoryJournal(on: (old as? MemoryJournal)?.crash() ?? Platter())
      }
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

  @Test(arguments: Journals.all) func largeAndEmptyBodiesSurvive(_ under: JournalUnderTest) throws {
    let place = try under.make()
    let large = [UInt8](repeating: 7, count: 900_000)
    try place.journal.append([Row(at: .unset, body: []), Row(at: .unset, body: large)])
    try place.reopen()
    #expect(try place.journal.rows(after: 0, limit: 10).map(\.row.body) == [[], large])
  }
}
