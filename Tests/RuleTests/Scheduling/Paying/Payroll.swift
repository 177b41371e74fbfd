import CivilTime
import Messages
import Scheduling

/// A team with its rates, and somebody who works on incidents: what tests of pay begin with.
extension Scheduler {
  /// Nora has no shifts; tara leads, mia manages.
  static func payroll(zone: String = "UTC", holidays: [String] = [], at now: Instant) throws -> Scheduler {
    var calendar = Calendar.office
    calendar.holidays = holidays
    var nora = ScheduleConfiguration.person("nora")
    nora.timeZone = zone
    return try Scheduler(
      ScheduleConfiguration(
        people: [
          nora, ScheduleConfiguration.person("tara", .teamLead),
          ScheduleConfiguration.person("mia", .engineeringManager),
        ],
        teams: [Team(id: "platform", calendar: calendar, lead: "tara", managers: ["mia"])],
        pay: ScheduleConfiguration.rates), at: now)
  }

  mutating func work(
    _ incident: String, by person: String = "nora", generation: UInt64 = 1, _ spans: [(Instant, Instant)],
    snoozed: [(Instant, Instant)] = [], sev1: (Instant, Instant)? = nil, approved: Bool = true
  ) throws {
    let work = Work(
      incidentId: incident, person: person, generation: generation, team: "platform",
      severity: sev1 == nil ? .sev2 : .sev1,
      spans: spans.map { WorkSpan(fromAt: $0.0, untilAt: $0.1) },
      snoozed: snoozed.map { WorkSpan(fromAt: $0.0, untilAt: $0.1) }, sev1FromAt: sev1?.0 ?? .unset,
      sev1UntilAt: sev1?.1 ?? .unset)
    try decide(.pay(.put(work)))
    if approved {
      try decide(
        .pay(.approve(WorkApproval(keys: [WorkKey(incidentId: incident, person: person)], by: "tara"))))
    }
  }

  @discardableResult
  mutating func close(_ from: String, _ until: String, by: String = "tara") throws -> PayReport {
    let close = PeriodClose(team: "platform", fromDate: from, untilDate: until, by: by)
    guard case .pay(.report(let report)) = try decide(.pay(.close(close))) else { return PayReport() }
    return report
  }

  func export(_ from: String, _ until: String, _ format: PayFormat = .unspecified) throws -> PayReport {
    try rules.exportPay(PayExport(team: "platform", fromDate: from, untilDate: until, format: format), now: now)
  }

  func compDays(_ person: String = "nora") throws -> [CompDay] {
    try rules.listCompDays(ListCompDaysRequest(person: person)).days
  }
}

extension ScheduleConfiguration {
  static let rates = [
    PayRates(
      team: "platform", fromDate: "2026-01-01", currency: "EUR", weeklyStipend: "250.00", afterHoursHourly: "33.33",
      weekendHourly: "50.01"),
    PayRates(
      team: "platform", fromDate: "2026-07-01", currency: "EUR", weeklyStipend: "260.00", afterHoursHourly: "35.50",
      weekendHourly: "71.25"),
  ]
}

/// Amounts in hundredths, for sums in tests.
func hundredths(_ text: String) -> Int {
  let digits = text.replacing(".", with: "")
  return Int(digits) ?? .min
}
