import Foundation
import Machinery
import Messages
import SQLiteJournal
import Testing

/// Closed incidents leave history after the time for which they are kept; nothing else does.
@Suite struct HistoryForgettingTests {
  /// Monday 2026-11-23 00:00 UTC
  private let monday = Instant(milliseconds: 1_795_392_000_000)

  private func index() throws -> HistoryIndex {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent("forgetting-\(UUID())").path
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    return try HistoryIndex(directory: directory) { _ in nil }
  }

  /// An incident that opens on a day and ends on another, with a line, a page, a deed and last states of its own and its review.
  private func add(_ id: String, to index: HistoryIndex, opened: Int64, ended: Int64?, row: UInt64) throws {
    let begin = monday + .days(opened)
    var tallies: [IncidentTally] = [
      .opened(IncidentOpening(id: id, team: "platform", severity: .sev2, at: begin)),
      .paged(incident: id, person: "ana", at: begin + .minutes(1)),
    ]
    if let ended { tallies.append(.resolved(incident: id, at: monday + .days(ended), byPerson: true)) }
    try index.record(
      [HistoryIndex.Line(sequence: row, at: begin, subject: id, person: "", kind: "opened", text: "of \(id)")],
      [HistoryIndex.Thing(id: id, body: [1]), HistoryIndex.Thing(id: "review:\(id)", body: [2])], tallies,
      [RecordedDeed(incident: id, at: begin, body: [3])], through: JournalHead(sequence: row, chain: .genesis))
  }

  private func figures(_ index: HistoryIndex) throws -> HistoryFigures {
    try index.figures(from: monday, until: monday + .days(100), team: "", byWeek: false, noisiest: 10)
  }

  @Test func whatEndedBeforeIsDroppedWholeAndWhatIsOpenOrEndedLaterStaysWhole() throws {
    let index = try index()
    try add("old", to: index, opened: 0, ended: 1, row: 1)
    try add("open", to: index, opened: 0, ended: nil, row: 2)
    try add("late", to: index, opened: 0, ended: 20, row: 3)
    try add("new", to: index, opened: 15, ended: 16, row: 4)
    #expect(try index.forget(endedBefore: monday + .days(10)) == 1)
    for (id, isKept) in [("old", false), ("open", true), ("late", true), ("new", true)] {
      #expect(try !index.lines(subject: id).isEmpty == isKept, "\(id)")
      for thing in [id, "review:\(id)"] { #expect(try (index.thing(thing) != nil) == isKept, "\(thing)") }
    }
    #expect(try figures(index).incidents.map(\.incidents) == [3])
    let recorded = try index.recorded(from: monday, until: monday + .days(100), team: "", deedsAtMost: 100)
    #expect(recorded.map(\.id).sorted() == ["late", "new", "open"])
    #expect(try figures(index).pages.map(\.at).allSatisfy { $0 >= monday + .days(10) })
    #expect(index.through == 4)
  }

  @Test func oneThatWasOpenedAgainStays() throws {
    let index = try index()
    try add("again", to: index, opened: 0, ended: 1, row: 1)
    try index.record([], [], [.reopened(incident: "again")], through: JournalHead(sequence: 2, chain: .genesis))
    #expect(try index.forget(endedBefore: monday + .days(10)) == 0)
    #expect(try index.lines(subject: "again").count == 1)
  }

  /// Merged: it has no end of its own; its part of an alert never was an incident.
  private func addStorm(to index: HistoryIndex, ended: Int64?) throws {
    try add("whole", to: index, opened: 0, ended: ended, row: 1)
    try add("part", to: index, opened: 0, ended: nil, row: 2)
    try add("part-of-part", to: index, opened: 0, ended: nil, row: 3)
    try index.record(
      [HistoryIndex.Line(sequence: 4, at: monday, subject: "alert", person: "", kind: "joined", text: "x")],
      [HistoryIndex.Thing(id: "alert", body: [1])],
      [
        .merged(incident: "part-of-part", into: "part"), .joined(incident: "part"), .part(alert: "alert", of: "part"),
        .merged(incident: "part", into: "whole"),
      ], through: JournalHead(sequence: 4, chain: .genesis))
  }

  @Test func partsOfADroppedIncidentAreDroppedWithIt() throws {
    let index = try index()
    try addStorm(to: index, ended: 1)
    #expect(try index.forget(endedBefore: monday + .days(10), limit: 2) == 4)
    for id in ["whole", "part", "part-of-part", "alert"] {
      #expect(try index.lines(subject: id).isEmpty && index.thing(id) == nil, "\(id)")
    }
    #expect(try index.forget(endedBefore: monday + .days(10)) == 0)
  }

  @Test func partsOfAnIncidentThatIsKeptStay() throws {
    for ended in [nil, 20] as [Int64?] {
      let index = try index()
      try addStorm(to: index, ended: ended)
      #expect(try index.forget(endedBefore: monday + .days(10)) == 0)
      for id in ["whole", "part", "part-of-part", "alert"] {
        #expect(try index.lines(subject: id).count == 1 && index.thing(id) != nil, "\(id)")
      }
    }
  }

  @Test func straysGoSomeAtATimeToo() throws {
    let index = try index()
    let lines = (UInt64(1)...5).map {
      HistoryIndex.Line(sequence: $0, at: monday, subject: "platform", person: "", kind: "handoff", text: "x")
    }
    try index.record(lines, [], through: JournalHead(sequence: 5, chain: .genesis))
    for (dropped, left) in [(2, 3), (2, 1), (1, 0), (0, 0)] {
      #expect(try index.forget(endedBefore: monday + .days(10), limit: 2) == dropped)
      #expect(try index.lines(subject: "platform").count == left)
    }
  }

  @Test func someAtATimeSoThatNobodyWaits() throws {
    let index = try index()
    for number in UInt64(1)...5 { try add("\(number)", to: index, opened: Int64(number), ended: 6, row: number) }
    #expect(try index.forget(endedBefore: monday + .days(10), limit: 2) == 2)
    #expect(try index.lines(subject: "1").isEmpty && !index.lines(subject: "3").isEmpty)
    #expect(try index.forget(endedBefore: monday + .days(10), limit: 2) == 2)
    #expect(try index.forget(endedBefore: monday + .days(10), limit: 2) == 1)
  }
}
