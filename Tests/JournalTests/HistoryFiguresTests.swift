import Foundation
import Machinery
import Messages
import SQLiteJournal
import Testing

/// What reports are made of, counted as it happens (requirement E10).
@Suite struct HistoryFiguresTests {
  /// Monday 2026-11-23 00:00 UTC
  private let monday = Instant(milliseconds: 1_795_392_000_000)

  private func index() throws -> HistoryIndex {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent("figures-\(UUID())").path
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    return try HistoryIndex(directory: directory) { _ in nil }
  }

  private func opened(_ id: String, _ severity: Severity = .sev2, team: String = "platform", at: Span) -> IncidentTally
  {
    .opened(
      IncidentOpening(id: id, team: team, service: "redis", alertClass: "down", severity: severity, at: monday + at))
  }

  private func figures(
    _ index: HistoryIndex, team: String = "", byWeek: Bool = false, until: Span = .days(30)
  ) throws -> HistoryFigures {
    try index.figures(from: monday, until: monday + until, team: team, byWeek: byWeek, noisiest: 10)
  }

  private func record(_ index: HistoryIndex, _ tallies: [IncidentTally], row: UInt64 = 1) throws {
    try index.record([], [], tallies, through: JournalHead(sequence: row, chain: .genesis))
  }

  @Test func meansAreFromTheAlertToTheFirstAnswerAndToTheEnd() throws {
    let index = try index()
    try record(
      index,
      [
        opened("a", at: .zero), .acknowledged(incident: "a", at: monday + .minutes(2)),
        .acknowledged(incident: "a", at: monday + .minutes(50)),
        .resolved(incident: "a", at: monday + .minutes(60), byPerson: true),
        opened("b", at: .hours(1)), .acknowledged(incident: "b", at: monday + .minutes(64)),
        .targetMissed(incident: "b"), .dutyMissed(incident: "b"), .dutyMissed(incident: "b"),
        .joined(incident: "b"), .joined(incident: "b"), opened("c", .sev4, at: .hours(2)),
        .resolved(incident: "c", at: monday + .hours(3), byPerson: false),
      ])
    #expect(
      try figures(index).incidents == [
        IncidentFigures(
          team: "platform", severity: .sev2, incidents: 2, acknowledged: 2, meanAcknowledge: .minutes(3), resolved: 1,
          meanResolve: .hours(1), targetsMissed: 1, dutiesMissed: 2),
        IncidentFigures(
          team: "platform", severity: .sev4, incidents: 1, resolved: 1, meanResolve: .hours(1)),
      ])
    #expect(
      try figures(index).noise == [
        NoiseFigures(team: "platform", service: "redis", alertClass: "down", incidents: 3, alerts: 5, untouched: 1)
      ])
  }

  @Test func theGravestSeverityTheLastTeamAndTheLastEndCount() throws {
    let index = try index()
    try record(
      index,
      [
        opened("a", .sev3, at: .zero), .severity(incident: "a", .sev1), .severity(incident: "a", .sev4),
        .team(incident: "a", "data"), .resolved(incident: "a", at: monday + .minutes(5), byPerson: true),
        .reopened(incident: "a"),
      ])
    #expect(try figures(index).incidents == [IncidentFigures(team: "data", severity: .sev1, incidents: 1)])
    try record(index, [.resolved(incident: "a", at: monday + .minutes(50), byPerson: true)], row: 2)
    #expect(try figures(index).incidents.first?.meanResolve == .minutes(50))
  }

  /// One incident, whose end is the last one: flapping shows as noise.
  @Test func whatFiresAgainIsOneIncident() throws {
    let index = try index()
    try record(
      index,
      [
        opened("a", at: .zero), .resolved(incident: "a", at: monday + .minutes(5), byPerson: false),
        .firedAgain(incident: "a"), .resolved(incident: "a", at: monday + .minutes(9), byPerson: false),
        .firedAgain(incident: "a"),
      ])
    #expect(try figures(index).incidents.first?.resolved == 0)
    try record(index, [.resolved(incident: "a", at: monday + .minutes(20), byPerson: false)], row: 2)
    #expect(try figures(index).incidents.first?.meanResolve == .minutes(20))
    #expect(
      try figures(index).noise == [
        NoiseFigures(
          team: "platform", service: "redis", alertClass: "down", incidents: 1, alerts: 3, untouched: 1, firedAgain: 2)
      ])
  }

  @Test func whatWasMergedCountsWithTheWhole() throws {
    let index = try index()
    try record(
      index,
      [
        opened("a", at: .zero), opened("b", at: .zero), .paged(incident: "b", person: "ana", at: monday),
        .dutyMissed(incident: "b"),
        .merged(incident: "b", into: "a"),
      ])
    #expect(try figures(index).incidents.map(\.incidents) == [1])
    #expect(try figures(index).incidents.first?.dutiesMissed == 1)
    #expect(
      try figures(index).noise == [
        NoiseFigures(team: "platform", service: "redis", alertClass: "down", incidents: 1, alerts: 2, pages: 1)
      ])
  }

  @Test func maximaAreCountedByIncidentAndEscalationsBoth() throws {
    let index = try index()
    try record(
      index,
      [
        opened("a", at: .zero), opened("b", at: .zero), opened("c", at: .zero), .targetMissed(incident: "a"),
        .maximumMissed(incident: "a"), .maximumMissed(incident: "a"), .escalated(incident: "a"),
        .escalated(incident: "a"), .escalated(incident: "b"), .maximumMissed(incident: "c"),
        .merged(incident: "c", into: "b"),
      ])
    let figures = try #require(try figures(index).incidents.first)
    #expect(figures.incidents == 2 && figures.targetsMissed == 1 && figures.maximumsMissed == 2)
    #expect(figures.escalated == 2 && figures.escalations == 3)
  }

  @Test func weeksBeginOnMondayAndTeamsStandAlone() throws {
    let index = try index()
    try record(
      index,
      [
        opened("a", at: .days(7) - .milliseconds(1)), opened("b", at: .days(7)),
        opened("c", team: "data", at: .days(8)),
        opened("d", at: .days(40)),
      ])
    let weeks = try figures(index, team: "platform", byWeek: true).incidents
    #expect(weeks.map(\.weekAt) == [monday, monday + .days(7)])
    #expect(try figures(index).incidents.map(\.incidents) == [1, 2], "data, then platform; what is later is left out")
  }

  @Test func pagesAreCountedByPersonAndQuarterOfAnHour() throws {
    let index = try index()
    try record(
      index,
      [
        opened("a", at: .zero), .paged(incident: "a", person: "ana", at: monday + .minutes(1)),
        .paged(incident: "a", person: "ana", at: monday + .minutes(14)),
        .paged(incident: "a", person: "ben", at: monday + .minutes(16)),
      ])
    #expect(
      try figures(index).pages == [
        HistoryFigures.Pages(person: "ana", team: "platform", at: monday, count: 2),
        HistoryFigures.Pages(person: "ben", team: "platform", at: monday + .minutes(15), count: 1),
      ])
    #expect(try figures(index).noise.first?.pages == 3)
    #expect(try figures(index, team: "data") == HistoryFigures())
  }
}
