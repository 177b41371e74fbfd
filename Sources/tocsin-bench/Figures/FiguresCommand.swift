import ArgumentParser
import Foundation
import Machinery
import Messages
import SQLiteJournal

/// `figures`: what a report over a year costs (requirement E10).
struct FiguresCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "figures", abstract: "A report over a year with a million incidents.",
    discussion: """
      The history index alone, in a directory of its own: incidents spread over a year, ten teams, fifty people, three pages
      each, and what a rehearsal lets happen again. Then the report of the whole year, by week, and the record of a day of one
      team for a rehearsal; and a rehearsal itself, without the index.
      """)
  @Option(help: "How many incidents.") var incidents = 1_000_000
  @Option(help: "Rounds of the report.") var rounds = 3
  @OptionGroup var tiers: TierOptions
  @OptionGroup var report: ReportOptions

  func run() async throws {
    try measure().print(asJSON: report.json)
  }

  func measure() throws -> Report {
    let place = try Place(in: tiers.on)
    defer { place.remove() }
    let index = try HistoryIndex(directory: place.directory) { _ in nil }
    let year = Instant(milliseconds: 1_767_225_600_000)
    let began = ContinuousClock.now
    try fill(index, from: year)
    let filled = ContinuousClock.now - began
    var took: [Double] = []
    for _ in 0..<rounds {
      let began = ContinuousClock.now
      let figures = try index.figures(from: year, until: year + .days(365), team: "", byWeek: true, noisiest: 10)
      took.append(Self.seconds(ContinuousClock.now - began))
      guard figures.incidents.reduce(0, { $0 + $1.incidents }) == UInt64(incidents) else {
        throw BenchFailure("the report misses incidents")
      }
    }
    let opened = ContinuousClock.now
    let day = try index.recorded(
      from: year + .days(100), until: year + .days(101), team: "team-3", deedsAtMost: .max - 1)
    let read = Self.seconds(ContinuousClock.now - opened)
    var report = Report()
    let name = "\(incidents) incidents"
    report.add(
      Figure(name: "\(name): counted", value: Double(incidents) / Self.seconds(filled), unit: "incidents/s"))
    report.add(
      Figure(name: "\(name): report of a year", value: took.sorted()[rounds / 2], unit: "s", target: .atMost(5)))
    report.add(
      Figure(
        name: "\(name): record of a day of a team, \(day.count) incidents", value: read, unit: "s", target: .atMost(1)))
    let month = RehearsedMonth(incidents: 2_000)
    report.add(
      Figure(
        name: "rehearsal of \(month.incidents) incidents, twice", value: try month.rehearse(), unit: "s",
        target: .atMost(10)))
    return report
  }

  private func fill(_ index: HistoryIndex, from year: Instant) throws {
    let step = Span.days(365).milliseconds / Int64(incidents)
    for first in stride(from: 0, to: incidents, by: 1_000) {
      var tallies: [IncidentTally] = []
      var deeds: [RecordedDeed] = []
      for number in first..<min(first + 1_000, incidents) {
        let id = String(number, radix: 36)
        let at = year + .milliseconds(Int64(number) * step)
        let severity = Severity(rawValue: UInt32(1 + number % 4)) ?? .sev4
        tallies.append(
          .opened(
            IncidentOpening(
              id: id, team: "team-\(number % 10)", service: "service-\(number % 97)", alertClass: "class-\(number % 7)",
              severity: severity, at: at)))
        for page in 0..<3 {
          let person = "person-\((number * 7 + page) % 50)"
          tallies.append(.paged(incident: id, person: person, at: at + .minutes(Int64(page) * 10)))
        }
        // As long as the facts are: opened, acknowledged, resolved.
        for (octets, minute) in [(110, 0), (45, 12), (60, 60)] as [(Int, Int64)] {
          deeds.append(
            RecordedDeed(incident: id, at: at + .minutes(minute), body: Array(repeating: 7, count: octets)))
        }
        tallies.append(.acknowledged(incident: id, at: at + .minutes(12)))
        tallies.append(.resolved(incident: id, at: at + .hours(1), byPerson: true))
      }
      let head = JournalHead(sequence: UInt64(first + 1), chain: .genesis)
      try index.record([], [], tallies, deeds, through: head)
    }
  }

  private static func seconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
  }
}
