import CivilTime
import Messages

/// What one team pays, and since when (requirement C1).
struct RateBook: Sendable {
  struct Dated: Hashable, Sendable {
    var from: Instant
    var rates: PayRates
  }
  let all: [Dated]
  let zone: TimeZoneRules

  init(_ rates: [PayRates], zone: TimeZoneRules) {
    self.zone = zone
    all = rates.compactMap { rates in
      CivilDate(rates.fromDate).map {
        Dated(from: zone.instant(of: LocalTime($0, minute: 0)), rates: rates)
      }
    }.sorted { $0.from < $1.from }
  }

  func rates(at instant: Instant) -> PayRates? { all.last { $0.from <= instant }?.rates }

  /// When rates begin to hold.
  var changes: [Instant] { all.map(\.from) }

  /// The paid week around an instant: from one configured weekday and minute to the next.
  func week(at instant: Instant, _ rates: PayRates) -> (from: Instant, until: Instant) {
    let weekday = Weekday(rawValue: rates.weekWeekday) ?? .monday
    func begin(_ date: CivilDate) -> Instant { zone.instant(of: LocalTime(date, minute: Int(rates.weekMinute))) }
    var date = zone.local(instant).date.adding(days: -7).first(weekday)
    while begin(date.adding(days: 7)) <= instant { date = date.adding(days: 7) }
    return (begin(date), begin(date.adding(days: 7)))
  }
}

extension PayRates {
  var places: Int { Currency.places(currency) }

  func stipend(tier: UInt32) -> Exact {
    Exact(tierStipends.first { $0.tier == tier }?.weekly ?? weeklyStipend) ?? .zero
  }

  func hourly(_ kind: HourClass) -> Exact {
    switch kind {
    case .business: .zero
    case .afterHours: Exact(afterHoursHourly) ?? .zero
    case .weekend: Exact(weekendHourly) ?? .zero
    }
  }

  /// What rates must be to be taken.
  func check(_ path: String, teams: Set<String>) throws(Refusal) {
    guard teams.contains(team) else {
      throw .invalid("\(path).team", "\(team) is not among the teams of this configuration")
    }
    guard CivilDate(fromDate) != nil else { throw .invalid("\(path).from_date", "must be a date like 2026-11-23") }
    guard Currency.isCode(currency) else { throw .invalid("\(path).currency", "must be a code like EUR") }
    try amount(weeklyStipend, "\(path).weekly_stipend")
    try amount(afterHoursHourly, "\(path).after_hours_hourly")
    try amount(weekendHourly, "\(path).weekend_hourly")
    for (index, stipend) in tierStipends.enumerated() {
      guard 1...3 ~= stipend.tier else { throw .invalid("\(path).tier_stipends[\(index)].tier", "must be 1, 2 or 3") }
      guard !tierStipends[..<index].contains(where: { $0.tier == stipend.tier }) else {
        throw .invalid("\(path).tier_stipends[\(index)].tier", "tier \(stipend.tier) occurs twice")
      }
      try amount(stipend.weekly, "\(path).tier_stipends[\(index)].weekly")
    }
    guard weekWeekday <= 7 else { throw .invalid("\(path).week_weekday", "must be 1 (Monday) to 7 (Sunday)") }
    guard weekMinute < 1_440 else { throw .invalid("\(path).week_minute", "must be below 1440") }
    let isGiven = businessFromMinute != 0 || businessUntilMinute != 0
    guard !isGiven || (businessFromMinute < businessUntilMinute && businessUntilMinute <= 1_440) else {
      throw .invalid("\(path).business_until_minute", "must be after business_from_minute and at most 1440")
    }
  }

  private func amount(_ text: String, _ field: String) throws(Refusal) {
    guard let amount = Exact(text), amount >= .zero, amount.tenThousandths < 10_000_000_000 else {
      throw .invalid(field, "must be an amount like 250.00, below a million, with at most four places")
    }
  }
}
