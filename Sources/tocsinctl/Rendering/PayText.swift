import Configuration
import Foundation
import Messages

/// A period of pay, for people and for payroll.
enum PayText {
  static func show(_ report: PayReport, _ times: Times) {
    let closed = "closed \(times.full(report.closedAt)) by \(report.closedBy.isEmpty ? "an operator" : report.closedBy)"
    Answer.facts([
      ("pay", "team \(report.team), from \(report.fromDate) until \(report.untilDate) (not counted)"),
      ("state", report.closed ? closed : "open: as it would be now"),
      ("note", report.notes.joined(separator: "\n")),
    ])
    print("")
    lines(report.lines, times).print(otherwise: "nothing is to be paid")
    if !report.totals.isEmpty {
      print("")
      var totals = Table("PERSON", "TOTAL", "CURRENCY")
      for total in report.totals { totals.add(total.person, total.amount, total.currency) }
      totals.print(otherwise: "")
    }
    guard !report.waiting.isEmpty else { return }
    print("\nnot approved, so not paid \(report.closed ? "with this period" : "yet"): tocsinctl pay approve")
    WorkText.table(report.waiting, times).print(otherwise: "")
  }

  /// What payroll asked for and nothing else on standard output, byte for byte; the rest is said on standard error.
  static func write(_ report: PayReport) {
    if isatty(STDOUT_FILENO) == 1 {
      // Only a terminal has something that a stray control character could move.
      let lines = String(decoding: report.text, as: UTF8.self).split(whereSeparator: \.isNewline)
      for line in lines { print(SafeText.line(String(line))) }
    } else {
      FileHandle.standardOutput.write(Data(report.text))
    }
    for note in report.notes { Failure.say("note: \(note)") }
    for item in report.waiting {
      let (incident, person) = (item.key?.incidentId ?? "", item.key?.person ?? "")
      Failure.say("waits for approval: \(incident) \(person), \(SpanText.text(item.worked))")
    }
  }

  private static func lines(_ lines: [PayLine], _ times: Times) -> Table {
    var table = Table(
      "PERSON", "KIND", "FROM (\(times.zone))", "UNTIL", "HOURS", "RATE", "AMOUNT", "INCIDENTS", "LINE", "WORDS")
    for line in lines {
      let kind = line.tier == 0 ? line.kind.word : "\(line.kind.word) \(DutyTier.word(line.tier))"
      table.add(
        line.person, kind, times.short(line.fromAt), times.short(line.untilAt), line.hours, line.rate,
        "\(line.amount) \(line.currency)", line.incidents.isEmpty ? "-" : line.incidents.joined(separator: ", "),
        line.id.isEmpty ? "-" : line.id, line.words)
    }
    return table
  }
}
