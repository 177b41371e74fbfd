import ArgumentParser
import Messages
import Wire

/// Figures of what happened.
struct ReportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "MTTA, MTTR, what was missed, escalations, noise, and who was paged when.",
    discussion: """
      Of incidents that opened, and pages that were made, within a time. Nights are
      outside working hours on working days, by the calendar of the incident's team.

        tocsinctl report --from -30d --team platform
        tocsinctl report --from 2026-10-01 --until 2026-11-01 --by-week
      """)

  @Option(parsing: .unconditional, help: ArgumentHelp("From when on: \(TimeArgument.help).", valueName: "time"))
  var from: TimeArgument
  @Option(parsing: .unconditional, help: ArgumentHelp("Until when; now when not given.", valueName: "time"))
  var until: TimeArgument?
  @Option(help: "Only of this team.")
  var team: String = ""
  @Flag(help: "Each week by itself, from Monday 00:00 UTC on.")
  var byWeek = false
  @Option(help: ArgumentHelp("How many kinds of alerts, those first that fire most.", valueName: "n"))
  var noisiest: UInt32 = 10
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let times = global.times
    guard noisiest <= 100 else { throw ValidationError("--noisiest is at most 100") }
    let request = FiguresRequest(
      fromAt: try from.instant(times), untilAt: try until.instant(times), team: team, byWeek: byWeek,
      noisiest: noisiest)
    let reply = try await global.cluster.call(.escalator, ReportsMethods.figures, request, timeout: .seconds(60))
    try Answer.show(reply, global.output) {
      print("from \(times.full(reply.fromAt)) until \(times.full(reply.untilAt))\n")
      incidents(reply.incidents, times)
      noise(reply.noise)
      load(reply.load)
    }
  }

  private func incidents(_ all: [IncidentFigures], _ times: Times) {
    var table = Table(
      "TEAM", "WEEK", "SEVERITY", "INCIDENTS", "MTTA", "MTTR", "TARGET MISSED", "MAXIMUM MISSED", "UPDATES MISSED",
      "ESCALATED")
    for one in all {
      table.add(
        one.team, one.weekAt.isSet ? times.day(one.weekAt) : "-", one.severity.word, "\(one.incidents)",
        one.acknowledged > 0 ? one.meanAcknowledge.words : "-", one.resolved > 0 ? one.meanResolve.words : "-",
        "\(one.targetsMissed)", "\(one.maximumsMissed)", "\(one.dutiesMissed)",
        one.escalations > one.escalated ? "\(one.escalated) (\(one.escalations) times)" : "\(one.escalated)")
    }
    table.print(otherwise: "no incidents")
  }

  private func noise(_ all: [NoiseFigures]) {
    guard !all.isEmpty else { return }
    print("")
    var table = Table("FIRES MOST", "SERVICE", "TEAM", "ALERTS", "INCIDENTS", "FIRED AGAIN", "UNTOUCHED", "PAGES")
    for one in all {
      table.add(
        one.alertClass.isEmpty ? "-" : one.alertClass, one.service.isEmpty ? "-" : one.service, one.team,
        "\(one.alerts)", "\(one.incidents)", "\(one.firedAgain)", "\(one.untouched)", "\(one.pages)")
    }
    table.print(otherwise: "")
  }

  private func load(_ all: [LoadFigures]) {
    guard !all.isEmpty else { return }
    print("")
    var table = Table("PAGED", "PAGES", "WORKING HOURS", "NIGHTS", "WEEKENDS")
    for one in all {
      table.add(one.person, "\(one.pages)", "\(one.inWorkingHours)", "\(one.nights)", "\(one.weekends)")
    }
    table.print(otherwise: "")
  }
}
