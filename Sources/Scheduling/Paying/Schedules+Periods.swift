import CivilTime
import Machinery
import Messages

/// Periods of pay: open they are a view of what is known, closed they stay as they were (requirements C2, C4).
extension Schedules {
  static let periodAtMost = Span.days(366)
  /// A period's lines fit one message, as CSV and as JSON too.
  static let linesAtMost = 1_200
  /// So much of the work that waits is listed with a period; of the rest the number.
  private static let waitingAtMost = 200

  func closePeriod(_ close: PeriodClose, at now: Instant) throws(Refusal) -> Decision<ScheduleFact, ScheduleAnswer> {
    try text(close.by, "by", 0...64)
    guard let team = boards[close.team]?.team else {
      throw .notFound("no team is called \(close.team)", field: "team")
    }
    try mayLead(close.by, team)
    var report = try period(team, close.fromDate, close.untilDate)
    if report.closed { return Decision([], answer: .pay(.report(report))) }
    guard report.untilAt <= now else {
      throw Refusal(
        .failedPrecondition, "the period isn't over before \(report.untilAt.rfc3339)", field: "until_date")
    }
    if let last = pay.closed[team.id]?.last, last.untilDate != close.fromDate {
      throw Refusal(
        .failedPrecondition, "team \(team.id) was paid until \(last.untilDate): the next period begins then",
        field: "from_date")
    }
    guard configuration.pay.contains(where: { $0.team == team.id }) else {
      throw Refusal(.failedPrecondition, "team \(team.id) has no rates (C1): configure them first", field: "team")
    }
    fill(&report, at: now)
    guard report.lines.count <= Self.linesAtMost else {
      throw Refusal(
        .outOfRange, "\(report.lines.count) lines, \(Self.linesAtMost) at most: close a shorter period",
        field: "until_date")
    }
    report.closed = true
    report.closedAt = now
    report.closedBy = close.by
    for index in report.lines.indices { report.lines[index].id = "\(team.id)/\(report.fromDate)/\(index + 1)" }
    var draft = ScheduleDraft(self, at: now)
    draft.add(.payPeriodClosed(PayPeriodClosed(report: report)))
    if !report.waiting.isEmpty {
      draft.tellLead(
        team,
        "pay from \(report.fromDate) to \(report.untilDate) is closed; \(report.waiting.count) pieces of work weren't "
          + "approved and are paid with a later period")
    }
    return Decision(draft.facts, answer: .pay(.report(report)))
  }

  /// A period with its lines, as it was closed or as it would be now (requirement C4).
  public func exportPay(_ request: PayExport, now: Instant) throws(Refusal) -> PayReport {
    guard let team = boards[request.team]?.team else {
      throw .notFound("no team is called \(request.team)", field: "team")
    }
    var report = try period(team, request.fromDate, request.untilDate)
    if !report.closed {
      fill(&report, at: now)
      guard report.lines.count <= Self.linesAtMost else {
        throw Refusal(.outOfRange, "\(report.lines.count) lines: ask for a shorter period", field: "until_date")
      }
    }
    switch request.format {
    case .csv: report.text = Array(report.csv.utf8)
    case .json: report.text = Array(report.json.utf8)
    case .unspecified: return report
    }
    report.lines = []
    return report
  }

  /// The closed period of these dates, or an empty open one.
  private func period(_ team: Team, _ from: String, _ until: String) throws(Refusal) -> PayReport {
    guard let fromDate = CivilDate(from) else { throw .invalid("from_date", "must be a date like 2026-11-01") }
    guard let untilDate = CivilDate(until), fromDate < untilDate else {
      throw .invalid("until_date", "must be a date like 2026-12-01, after from_date")
    }
    let closed = pay.closed[team.id] ?? []
    if let same = closed.first(where: { $0.fromDate == from && $0.untilDate == until }) { return same }
    if let other = closed.first(where: { $0.fromDate < until && from < $0.untilDate }) {
      throw Refusal(
        .failedPrecondition,
        "team \(team.id) was paid from \(other.fromDate) to \(other.untilDate): a period is exported as it was closed",
        field: "from_date")
    }
    let zone = zones[team.calendar?.timeZone ?? ""] ?? .utc
    func midnight(_ date: CivilDate) -> Instant { zone.instant(of: LocalTime(date, minute: 0)) }
    // Where the zone changed meanwhile, no time is paid twice.
    let begin = closed.last.flatMap { $0.untilDate == from ? $0.untilAt : nil } ?? midnight(fromDate)
    guard midnight(untilDate) > begin, midnight(untilDate) - begin <= Self.periodAtMost + .days(1) else {
      throw .invalid("until_date", "a period is a year at most")
    }
    return PayReport(
      team: team.id, fromDate: from, untilDate: until, fromAt: begin, untilAt: midnight(untilDate))
  }

  /// The lines of an open period, what corrects closed ones, and what still waits.
  private func fill(_ report: inout PayReport, at now: Instant) {
    let until = min(report.untilAt, now)
    if until < report.untilAt { report.notes.append("the period isn't over: until \(until.rfc3339)") }
    if report.fromAt < until {
      let (lines, notes) = payLines(of: report.team, from: report.fromAt, until: until)
      report.lines = lines
      report.notes += notes
    }
    let earlier = (pay.closed[report.team] ?? []).filter { $0.untilDate <= report.fromDate }
    let corrections = earlier.flatMap { self.corrections(of: $0) }
    let room = max(0, Self.linesAtMost - report.lines.count)
    report.lines += corrections.prefix(room)
    if corrections.count > room {
      report.notes.append("\(corrections.count - room) more corrections come with the period after")
    }
    let (team, from) = (report.team, report.fromAt)
    report.waiting = pay.allWorks.filter { known in
      known.approval == nil && !known.spans.isEmpty && known.spans.from < until && known.spans.until > from
        && payTeam(known) == team
    }.compactMap { item($0.key) }
    if report.waiting.count > Self.waitingAtMost {
      report.notes.append("\(report.waiting.count) pieces of work wait for approval")
      report.waiting.removeLast(report.waiting.count - Self.waitingAtMost)
    }
    report.totals = Self.totals(report.lines)
  }

  /// What is known now beside what was paid: lines that were wrong are taken back, those that are missing come.
  private func corrections(of closed: PayReport) -> [PayLine] {
    let reports = pay.closed[closed.team] ?? []
    let takenBack = Set(reports.flatMap(\.lines).map(\.takesBack))
    var standing: [String: [PayLine]] = [:]
    for report in reports {
      for line in report.lines where line.takesBack.isEmpty && !takenBack.contains(line.id) {
        let isOf = line.corrects.isEmpty ? report.fromDate : line.corrects
        if isOf == closed.fromDate { standing[line.content, default: []].append(line) }
      }
    }
    var missing: [PayLine] = []
    for line in payLines(of: closed.team, from: closed.fromAt, until: closed.untilAt).lines {
      if standing[line.content]?.isEmpty == false {
        standing[line.content]?.removeFirst()
      } else {
        var new = line
        new.corrects = closed.fromDate
        new.words = "correction of \(closed.fromDate) to \(closed.untilDate): \(line.words)"
        missing.append(new)
      }
    }
    let wrong = standing.values.flatMap { $0 }.sorted { ($0.person, $0.fromAt, $0.id) < ($1.person, $1.fromAt, $1.id) }
    return wrong.map { $0.takenBack(of: closed) } + missing
  }

  private static func totals(_ lines: [PayLine]) -> [PayTotal] {
    var sums: [String: [String: Exact]] = [:]
    for line in lines {
      sums[line.person, default: [:]][line.currency, default: .zero] =
        (sums[line.person]?[line.currency] ?? .zero) + (Exact(line.amount) ?? .zero)
    }
    return sums.sorted { $0.key < $1.key }.flatMap { person, amounts in
      amounts.sorted { $0.key < $1.key }.map { currency, amount in
        PayTotal(person: person, currency: currency, amount: amount.text(places: Currency.places(currency)))
      }
    }
  }
}

extension PayLine {
  /// All that makes two lines the same payment.
  fileprivate var content: String {
    [
      person, "\(kind)", "\(fromAt.milliseconds)", "\(untilAt.milliseconds)", "\(time.milliseconds)", hours, rate,
      amount,
      currency, "\(tier)", incidents.joined(separator: " "),
    ].joined(separator: "|")
  }

  fileprivate func takenBack(of closed: PayReport) -> PayLine {
    var line = self
    line.id = ""
    line.takesBack = id
    line.corrects = closed.fromDate
    line.hours = (-(Exact(hours) ?? .zero)).text(places: 2)
    line.amount = (-(Exact(amount) ?? .zero)).text(places: Currency.places(currency))
    line.words = "takes back \(id): \(words)"
    return line
  }
}
