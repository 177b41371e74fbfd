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
      team for a rehearsal; and a rehearsal itself, without the index. Last, pages through the four real executables while one
      such report after the other is read, beside the same without a report.
      """)
  @Option(help: "How many incidents.") var incidents = 1_000_000
  @Option(help: "Rounds of the report.") var rounds = 3
  @Option(help: "Alerts without reports, and as many with, \(ReportedPages.rate) a second.") var alerts = 1_000
  @Option(help: "Configuration that the cluster gets.") var config = "compose/config"
  @OptionGroup var tiers: TierOptions
  @OptionGroup var report: ReportOptions

  func run() async throws {
    try report.tell(await measure())
  }

  func measure() async throws -> Report {
    let place = try Place(in: tiers.on)
    defer { place.remove() }
    let index = try HistoryIndex(directory: place.directory) { _ in nil }
    let year = RecordedYear(incidents: incidents)
    let began = ContinuousClock.now
    try year.fill(index) { JournalHead(sequence: UInt64($0 + 1), chain: .genesis) }
    let filled = ContinuousClock.now - began
    var took: [Double] = []
    for _ in 0..<rounds {
      let began = ContinuousClock.now
      let figures = try index.figures(from: year.from, until: year.until, team: "", byWeek: true, noisiest: 10)
      took.append(Self.seconds(ContinuousClock.now - began))
      guard figures.incidents.reduce(0, { $0 + $1.incidents }) == UInt64(incidents) else {
        throw BenchFailure("the report misses incidents")
      }
    }
    let opened = ContinuousClock.now
    let day = try index.recorded(
      from: year.from + .days(100), until: year.from + .days(101), team: "team-3", deedsAtMost: .max - 1)
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
    report.add(try await ReportedPages(year: year, alerts: alerts, config: config, tiers: tiers).measure())
    return report
  }

  private static func seconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
  }
}
