import Messages
import Scheduling
import Testing

/// Requirements C1, C2 and C4: work, its approval, periods and their corrections.
@Suite struct PayTests {
  private let evening = (Instant.utc("2026-11-24T20:00:00"), Instant.utc("2026-11-24T21:00:00"))

  @Test func workIsPaidOnceTheLeadApprovesIt() throws {
    var scheduler = try Scheduler.payroll(at: .utc("2026-11-25"))
    try scheduler.work("2f-1", [evening], approved: false)
    let waiting = try scheduler.export("2026-11-01", "2026-12-01")
    #expect(waiting.lines.isEmpty && waiting.waiting.map(\.key?.incidentId) == ["2f-1"])
    let own = WorkApproval(keys: [WorkKey(incidentId: "2f-1", person: "nora")], by: "nora")
    #expect(scheduler.refusal(.pay(.approve(own)))?.message.contains("can't approve their own work (C2)") == true)
    try scheduler.decide(.pay(.approve(WorkApproval(team: "platform", by: "tara"))))
    let line = try #require(try scheduler.export("2026-11-01", "2026-12-01").lines.first)
    #expect(line.hours == "1.00" && line.amount == "35.50" && line.currency == "EUR" && line.incidents == ["2f-1"])
    #expect(
      line.words == "incident 2f-1: after hours from Tue 24 Nov 20:00 UTC until Tue 24 Nov 21:00 UTC, 1 h worked, "
        + "1.00 h at 35.50 EUR")
  }

  @Test func workReportedAgainChangesNothingAndALaterGenerationReplacesIt() throws {
    var scheduler = try Scheduler.payroll(at: .utc("2026-11-25"))
    try scheduler.work("2f-1", generation: 2, [evening])
    let known = scheduler.rules
    try scheduler.work("2f-1", generation: 2, [evening], approved: false)
    try scheduler.work("2f-1", generation: 1, [], approved: false)
    #expect(scheduler.rules == known)
    try scheduler.work("2f-1", generation: 3, [(evening.0, evening.1 + .hours(1))], approved: false)
    let item = try #require(try scheduler.rules.listWork(ListWorkRequest()).items.first)
    #expect(item.worked == .hours(2) && item.approvedBy == "", "what grew must be approved again")
  }

  @Test func snoozedTimeAndDrillsAreLeftOut() throws {
    var scheduler = try Scheduler.payroll(at: .utc("2026-11-25"))
    try scheduler.work(
      "2f-1", [(evening.0, evening.1 + .hours(2))], snoozed: [(evening.0 + .minutes(30), evening.1 + .hours(1))])
    #expect(try scheduler.export("2026-11-01", "2026-12-01").lines.map(\.hours) == ["1.50"])
    try scheduler.decide(
      .pay(
        .put(
          Work(
            incidentId: "2f-2", person: "nora", generation: 1, spans: [WorkSpan(fromAt: evening.0, untilAt: evening.1)],
            drill: true))))
    #expect(try scheduler.rules.listWork(ListWorkRequest()).items.count == 1)
  }

  @Test func thePersonEditsWhatTheEscalatorSawAndWhatComesLaterAddsToIt() throws {
    var scheduler = try Scheduler.payroll(at: .utc("2026-11-25"))
    try scheduler.work("2f-1", [evening])
    let edit = WorkEdit(
      key: WorkKey(incidentId: "2f-1", person: "nora"),
      spans: [WorkSpan(fromAt: evening.0, untilAt: evening.1 + .minutes(30))], reason: "wrote the summary", by: "nora")
    try scheduler.decide(.pay(.edit(edit)))
    var item = try #require(try scheduler.rules.listWork(ListWorkRequest(waitingOnly: true)).items.first)
    #expect(item.worked == .minutes(90) && item.reported.map(\.untilAt) == [evening.1] && item.editedBy == "nora")
    #expect(scheduler.said.last?.hasPrefix("tara: platform: nora's work on 2f-1 is now 1 h 30 min") == true)
    try scheduler.work(
      "2f-1", generation: 2, [evening, (evening.1 + .hours(1), evening.1 + .hours(2))], approved: false)
    item = try #require(try scheduler.rules.listWork(ListWorkRequest()).items.first)
    #expect(item.worked == .minutes(150))
    let foreign = WorkEdit(key: edit.key, spans: [], reason: "x", by: "mia")
    #expect(scheduler.refusal(.pay(.edit(foreign))) == nil, "a manager may")
  }

  @Test func whatIsLearnedAfterAPeriodWasClosedComesAsNewLines() throws {
    var scheduler = try Scheduler.payroll(at: .utc("2026-12-02"))
    try scheduler.work("2f-1", [evening])
    try scheduler.work("2f-2", [(evening.0 + .days(1), evening.1 + .days(1))], approved: false)
    let november = try scheduler.close("2026-11-01", "2026-12-01")
    #expect(november.lines.map(\.id) == ["platform/2026-11-01/1"] && november.waiting.count == 1)
    #expect(try scheduler.close("2026-11-01", "2026-12-01") == november, "asked again it is the same")
    // A late approval, and an edit of what was paid.
    try scheduler.decide(.pay(.approve(WorkApproval(team: "platform", by: "tara"))))
    let key = WorkKey(incidentId: "2f-1", person: "nora")
    try scheduler.decide(
      .pay(
        .edit(
          WorkEdit(
            key: key, spans: [WorkSpan(fromAt: evening.0, untilAt: evening.1 + .hours(1))], reason: "x", by: "nora"))))
    try scheduler.decide(.pay(.approve(WorkApproval(keys: [key], by: "tara"))))
    #expect(try scheduler.export("2026-11-01", "2026-12-01") == november, "a closed period stays")
    scheduler.now = .utc("2027-01-02")
    let december = try scheduler.close("2026-12-01", "2027-01-01")
    #expect(december.lines.map(\.amount) == ["-35.50", "71.00", "35.50"])
    #expect(december.lines.map(\.takesBack) == ["platform/2026-11-01/1", "", ""])
    #expect(december.lines.allSatisfy { $0.corrects == "2026-11-01" } && december.totals.map(\.amount) == ["71.00"])
    scheduler.now = .utc("2027-02-02")
    #expect(try scheduler.close("2027-01-01", "2027-02-01").lines.isEmpty, "once")
  }

  @Test func aRaiseForThePastIsPaidByTheNextPeriodAndOldRatesStay() throws {
    var scheduler = try Scheduler.payroll(at: .utc("2026-12-02"))
    try scheduler.work("2f-1", [evening])
    try scheduler.close("2026-11-01", "2026-12-01")
    var configuration = scheduler.rules.configuration
    configuration.pay.removeLast()
    let refusal = scheduler.refusal(.configure(configuration, by: "ops"))
    #expect(refusal?.message.contains("from 2026-07-01 on paid periods that are closed (C2)") == true)
    configuration = scheduler.rules.configuration
    configuration.pay[1].afterHoursHourly = "40"
    #expect(
      try scheduler.configure(configuration).changes == ["pay of platform from 2026-07-01: after hours 35.50 -> 40"])
    #expect(try scheduler.export("2026-12-01", "2027-01-01").lines.map(\.amount) == ["-35.50", "40.00"])
  }

  /// A raise that concerns more than a period has room for is paid all the same, by two.
  @Test func correctionsThatDontFitComeWithThePeriodAfter() throws {
    var scheduler = try Scheduler.payroll(at: .utc("2026-12-06"))
    for number in 0..<700 {
      let from =
        Instant.utc("2026-11-02T17:00:00") + .days(Int64(number / 140 * 7 + number / 28 % 5))
        + .minutes(Int64(number % 28 * 15))
      try scheduler.work("i-\(number)", [(from, from + .minutes(10))], approved: false)
    }
    try scheduler.decide(.pay(.approve(WorkApproval(team: "platform", by: "tara"))))
    #expect(try scheduler.close("2026-11-01", "2026-12-05").lines.count == 700)
    var configuration = scheduler.rules.configuration
    configuration.pay[1].afterHoursHourly = "40"
    try scheduler.configure(configuration)
    var paid = 0
    for (from, until, now) in [("2026-12-05", "2027-01-01", "2027-01-02"), ("2027-01-01", "2027-02-01", "2027-02-02")] {
      scheduler.now = .utc(now)
      let report = try scheduler.close(from, until)
      #expect(report.lines.count <= 1_200 && report.notes.count == (until == "2027-01-01" ? 1 : 0))
      paid += report.lines.reduce(0) { $0 + hundredths($1.amount) }
    }
    #expect(paid == 700 * 225, "half an hour each, at 4.50 more")
  }

  @Test func periodsFollowEachOtherAndAreOver() throws {
    var scheduler = try Scheduler.payroll(at: .utc("2026-12-02"))
    try scheduler.close("2026-11-01", "2026-12-01")
    func refusal(_ from: String, _ until: String, by: String = "tara") -> String {
      scheduler.refusal(.pay(.close(PeriodClose(team: "platform", fromDate: from, untilDate: until, by: by))))?.message
        ?? ""
    }
    #expect(refusal("2026-12-01", "2027-01-01").contains("isn't over before 2027-01-01T00:00:00Z"))
    #expect(refusal("2026-11-15", "2026-12-02").contains("was paid from 2026-11-01 to 2026-12-01"))
    #expect(refusal("2026-10-01", "2026-11-01").contains("was paid until 2026-12-01"))
    #expect(refusal("2026-12-01", "2026-12-02", by: "nora").contains("nora isn't a lead of team platform (C2)"))
  }

  @Test func whoMovesIsPaidByTheZoneInWhichTheyWorked() throws {
    var scheduler = try Scheduler.payroll(zone: "UTC", at: .utc("2026-11-20"))
    try scheduler.work("2f-1", [evening])
    scheduler.now = .utc("2026-11-28")
    var configuration = scheduler.rules.configuration
    configuration.people[0].timeZone = "America/Los_Angeles"
    try scheduler.configure(configuration)
    let lines = try scheduler.export("2026-11-01", "2026-12-01").lines
    #expect(lines.map(\.hours) == ["1.00"], "20:00 UTC is noon in Los Angeles")
  }

  @Test func theExportIsReadByPayroll() throws {
    var scheduler = try Scheduler.payroll(at: .utc("2026-12-02"))
    try scheduler.work("2f,\"1\"", [evening])
    let text = String(decoding: try scheduler.export("2026-11-01", "2026-12-01", .csv).text, as: UTF8.self)
    let csv = text.split(separator: "\r\n")
    #expect(csv[0].hasPrefix("line,team,person,kind,from,until,time,hours,rate,amount,currency,"))
    #expect(
      csv[1].hasPrefix(
        ",platform,nora,after_hours,2026-11-24T20:00:00Z,2026-11-24T21:00:00Z,1 h,1.00,35.50,35.50,EUR,,\"2f,\"\"1\"\"\","
      ))
    let json = String(decoding: try scheduler.export("2026-11-01", "2026-12-01", .json).text, as: UTF8.self)
    #expect(json.contains("\"amount\": \"35.50\"") && json.contains("\"incidents\": [\"2f,\\\"1\\\"\"]"))
  }

  @Test func ratesAreChecked() throws {
    let scheduler = try Scheduler.payroll(at: .utc("2026-12-02"))
    for (change, field): ((inout PayRates) -> Void, String) in [
      ({ $0.afterHoursHourly = "1e3" }, "pay[0].after_hours_hourly"),
      ({ $0.weekendHourly = "-1" }, "pay[0].weekend_hourly"),
      ({ $0.currency = "euro" }, "pay[0].currency"), ({ $0.fromDate = "soon" }, "pay[0].from_date"),
      ({ $0.weeklyStipend = "" }, "pay[0].weekly_stipend"), ({ $0.team = "x" }, "pay[0].team"),
    ] {
      var configuration = scheduler.rules.configuration
      change(&configuration.pay[0])
      #expect(scheduler.refusal(.configure(configuration, by: "ops"))?.field == field)
    }
  }

  @Test func replayAndCheckpointKnowTheSame() throws {
    var scheduler = try Scheduler.payroll(at: .utc("2026-12-02"))
    try scheduler.work("2f-1", [evening], sev1: evening)
    try scheduler.work(
      "2f-2", [(.utc("2026-11-28T10:00:00"), .utc("2026-11-28T19:00:00"))],
      sev1: (.utc("2026-11-28T10:00:00"), .utc("2026-11-28T19:00:00")))
    try scheduler.close("2026-11-01", "2026-12-01")
    scheduler.wait(.days(40))
    var replayed = Schedules(zones: SystemZones.all)
    for (fact, at) in scheduler.facts { replayed.apply(fact, at: at) }
    #expect(replayed == scheduler.rules)
    var restored = Schedules(zones: SystemZones.all)
    for fact in scheduler.rules.condensed() { restored.apply(fact, at: scheduler.now) }
    #expect(restored == scheduler.rules)
  }
}
