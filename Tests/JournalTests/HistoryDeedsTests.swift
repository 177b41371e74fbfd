import Foundation
import Machinery
import Messages
import SQLiteJournal
import Testing

/// What a rehearsal lets happen again is kept by incident, in order.
@Suite struct HistoryDeedsTests {
  /// Monday 2026-11-23 00:00 UTC
  private let monday = Instant(milliseconds: 1_795_392_000_000)

  private func index() throws -> HistoryIndex {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent("deeds-\(UUID())").path
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    return try HistoryIndex(directory: directory) { _ in nil }
  }

  private func deed(_ incident: String, _ minute: Int64, _ body: UInt8) -> RecordedDeed {
    RecordedDeed(incident: incident, at: monday + .minutes(minute), body: [body])
  }

  private func opened(_ id: String, _ minute: Int64, team: String = "platform") -> IncidentTally {
    .opened(IncidentOpening(id: id, team: team, severity: .sev2, at: monday + .minutes(minute)))
  }

  private func paged(_ id: String, _ person: String, _ minute: Int64) -> IncidentTally {
    .paged(incident: id, person: person, at: monday + .minutes(minute))
  }

  private func recorded(_ index: HistoryIndex, atMost: Int = 100) throws -> [RecordedIncident] {
    try index.recorded(from: monday, until: monday + .days(1), team: "platform", deedsAtMost: atMost)
  }

  @Test func deedsComeByIncidentInOrderWithEachPersonsFirstPage() throws {
    let index = try index()
    try index.record(
      [], [],
      [
        opened("b", 0), opened("a", 1), opened("c", 1, team: "data"), opened("d", 24 * 60), paged("b", "ana", 2),
        paged("b", "ana", 9), paged("b", "ben", 7),
      ], [deed("b", 0, 1), deed("a", 1, 2), deed("c", 1, 3), deed("b", 2, 4), deed("d", 24 * 60, 5)],
      through: JournalHead(sequence: 7, chain: .genesis))
    try index.record([], [], [], [deed("b", 9, 6)], through: JournalHead(sequence: 8, chain: .genesis))
    #expect(
      try recorded(index) == [
        RecordedIncident(
          id: "b", deeds: [deed("b", 0, 1), deed("b", 2, 4), deed("b", 9, 6)],
          firstPages: ["ana": monday + .minutes(2), "ben": monday + .minutes(7)]),
        RecordedIncident(id: "a", deeds: [deed("a", 1, 2)]),
      ])
  }

  @Test func oneMoreThanIsWantedShowsThatThereAreMore() throws {
    let index = try index()
    try index.record(
      [], [], [opened("a", 0)], (0..<50).map { deed("a", $0, 1) },
      through: JournalHead(sequence: 1, chain: .genesis))
    #expect(try recorded(index, atMost: 20).first?.deeds.count == 21)
  }
}
