import Foundation
import Machinery
import Messages
import SQLiteJournal
import Testing

/// Whoever reads history in pages gets every line once, however many a row has.
@Suite struct HistoryPageTests {
  /// An index whose rows, from the first on, have so many lines.
  private func index(_ counts: [Int]) throws -> HistoryIndex {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent("pages-\(UUID())").path
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    let index = try HistoryIndex(directory: directory) { _ in nil }
    for (place, count) in counts.enumerated() {
      let row = UInt64(place + 1)
      try index.record(
        (0..<count).map {
          HistoryIndex.Line(
            sequence: row, at: Instant(milliseconds: Int64(row)), subject: "2f-\($0 % 2)", person: "", kind: "paged",
            text: "\(row)/\($0)")
        }, [], through: JournalHead(sequence: row, chain: .genesis))
    }
    return index
  }

  /// How many lines each page has, and what all of them say.
  private func read(
    _ index: HistoryIndex, of subject: String = "", linesAtMost: Int = 10, bytesAtMost: Int = .max
  ) throws -> (pages: [Int], texts: [String]) {
    var (pages, texts, through) = ([Int](), [String](), UInt64(0))
    while through < index.through {
      let page = try index.wholeRows(
        of: subject, after: through, through: index.through, linesAtMost: linesAtMost, bytesAtMost: bytesAtMost)
      try #require(page.through > through)
      through = page.through
      pages.append(page.lines.count)
      texts += page.lines.map(\.text)
    }
    return (pages, texts)
  }

  @Test(arguments: [
    ([4, 11, 3], [4, 11, 3]), ([11], [11]), ([10, 10], [10, 10]), ([3, 3, 3, 3], [9, 3]), ([25, 1, 25], [25, 1, 25]),
    ([4, 6], [10]), ([0, 0, 12, 0], [12, 0]),
  ])
  func everyLineComesOnce(rows: [Int], pages: [Int]) throws {
    let found = try read(index(rows))
    #expect(found.pages == pages)
    let all = rows.enumerated().flatMap { place, count in (0..<count).map { "\(place + 1)/\($0)" } }
    #expect(found.texts == all)
  }

  @Test func aPageEndsByItsBytesTooAndOneSubjectIsReadAlone() throws {
    let found = try read(index([2, 2, 2]), bytesAtMost: 80)
    #expect(found.pages == [2, 2, 2] && found.texts.count == 6)
    #expect(try read(index([30, 30]), of: "2f-1").pages == [15, 15])
  }
}
