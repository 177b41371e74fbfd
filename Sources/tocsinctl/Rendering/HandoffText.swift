import Configuration
import Messages

/// Handoffs for people.
enum HandoffText {
  static func show(_ record: HandoffRecord, _ global: GlobalOptions) throws {
    try Answer.show(record, global.output) {
      let times = global.times
      var facts = [("handoff", "\(times.full(record.at)), \(SpanText.text(record.untilAt - record.at))")]
      for attendee in record.attendees {
        let person = attendee.person.isEmpty ? "nobody" : attendee.person
        facts.append((attendee.part, attendee.required ? person : "\(person) (optional)"))
      }
      facts.append(("signed", by(record.signedBy, record.signedAt, times)))
      facts.append(("accepted", by(record.acceptedBy, record.acceptedAt, times)))
      Answer.facts(facts.map { (name: $0.0, value: $0.1) })
      print("")
      var table = Table("ITEM", "WHEN", "WHAT", "WHOSE", "DONE (\(times.zone))")
      for item in record.items {
        table.add(item.id, item.list, item.text, item.person, by(item.by, item.tickedAt, times))
      }
      table.print(otherwise: "no checklists")
    }
  }

  /// Markdown as it is; only what could move a cursor is taken out.
  static func show(_ reply: HandoffDocumentReply, _ global: GlobalOptions) throws {
    try Answer.show(reply, global.output) {
      var lines = SafeText.lines(String(decoding: reply.markdown, as: UTF8.self))
      while lines.last?.isEmpty == true { lines.removeLast() }
      print(lines.joined(separator: "\n"))
    }
  }

  static func show(_ report: ShiftReport, _ global: GlobalOptions) throws {
    try Answer.show(report, global.output) {
      let times = global.times
      Answer.facts([
        ("shift", "\(report.person.isEmpty ? "nobody" : report.person), \(report.team)"),
        ("from", times.full(report.fromAt)), ("until", times.full(report.untilAt)),
        (
          "pages",
          "\(report.pagesBusiness) in business hours, \(report.pagesAfterHours) after hours, "
            + "\(report.pagesWeekend) on the weekend"
        ),
        (
          "sleep broken",
          report.nightsBroken.isEmpty ? "never" : "in the nights of \(report.nightsBroken.joined(separator: ", "))"
        ),
        ("worked", SpanText.text(report.worked)),
        ("feedback", report.feedback.map(\.words).joined(separator: "\n")),
      ])
    }
  }

  private static func by(_ person: String, _ at: Instant, _ times: Times) -> String {
    person.isEmpty ? "-" : "\(person), \(times.short(at))"
  }
}
