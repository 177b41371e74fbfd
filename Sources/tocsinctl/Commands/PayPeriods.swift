import ArgumentParser
import Messages
import Wire

/// What payroll reads.
struct PayExporting: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Show a period of pay, or write it as CSV or JSON for payroll.",
    discussion: """
        tocsinctl pay export --from 2026-11-01 --until 2026-12-01
        tocsinctl pay export --from 2026-11-01 --until 2026-12-01 \\
          --format csv >november.csv

      A closed period is shown as it was closed, an open one as it would be now. With
      --format csv or json nothing but the file is on standard output; what waits for
      approval, and notes, are said on standard error. -o json is the whole reply.
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable, Sendable {
    case table, csv, json

    var wanted: PayFormat {
      switch self {
      case .table: .unspecified
      case .csv: .csv
      case .json: .json
      }
    }
  }

  @OptionGroup var team: TeamOption
  @OptionGroup var period: PeriodOptions
  @Option(help: "A table for people, or csv or json for payroll.")
  var format: Format = .table
  @OptionGroup var global: GlobalOptions

  mutating func validate() throws {
    if global.output == .json, format != .table { throw ValidationError("--format or -o json, not both") }
  }

  func run() async throws {
    let cluster = global.cluster
    let request = PayExport(
      team: try await team.one(cluster), fromDate: period.from, untilDate: period.until, format: format.wanted)
    let report = try await cluster.call(.scheduler, PayMethods.exportPay, request)
    switch format {
    case .table: try Answer.show(report, global.output) { PayText.show(report, global.times) }
    case .csv, .json: PayText.write(report)
    }
  }
}

/// What was paid stays.
struct PayClosing: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "close", abstract: "Close a period of pay: its lines stay, what is learned later is paid later.",
    discussion: """
        tocsinctl pay close --from 2026-11-01 --until 2026-12-01 --by tara

      Look at `tocsinctl pay export` before: work that isn't approved by then is paid
      with a later period, and so are corrections.
      """)

  @OptionGroup var team: TeamOption
  @OptionGroup var period: PeriodOptions
  @OptionGroup var acting: ActingPerson
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let cluster = global.cluster
    let request = PeriodClose(
      team: try await team.one(cluster), fromDate: period.from, untilDate: period.until, by: acting.id)
    let report = try await cluster.call(.scheduler, PayMethods.closePeriod, request)
    try Answer.show(report, global.output) { PayText.show(report, global.times) }
  }
}
