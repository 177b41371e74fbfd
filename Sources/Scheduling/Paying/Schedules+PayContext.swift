import CivilTime
import Messages

/// By which zone, calendar, team and rates something is paid: those known when it happened, so that who moves later, and a
/// list of holidays that is tidied up, change nothing about the past. Rates are dated themselves: the last configuration's.
extension Schedules {
  func configuration(knownAt instant: Instant) -> ScheduleConfiguration {
    (configurations.last { $0.knownAt <= instant } ?? configurations.first)?.configuration ?? ScheduleConfiguration()
  }

  /// The team by which a person's work is paid: their own, or the incident's for who has none.
  func payTeam(of person: String, incidentTeam: String, at instant: Instant) -> String {
    let own = configuration(knownAt: instant).people.first { $0.id == person }?.team ?? ""
    return own.isEmpty ? incidentTeam : own
  }

  func team(_ id: String, knownAt instant: Instant) -> Team? {
    configuration(knownAt: instant).teams.first { $0.id == id } ?? boards[id]?.team
  }

  func rateBook(_ team: String, knownAt instant: Instant) -> RateBook {
    let zone = zones[self.team(team, knownAt: instant)?.calendar?.timeZone ?? ""] ?? .utc
    return RateBook(configuration.pay.filter { $0.team == team }, zone: zone)
  }

  /// A person's kinds of hours at an instant.
  func hourClasses(of person: String, team: String, at instant: Instant) -> HourClasses {
    let known = configuration(knownAt: instant).people.first { $0.id == person } ?? everyone[person]
    let calendar = self.team(team, knownAt: instant)?.calendar
    return HourClasses(
      zone: zones[known?.timeZone ?? calendar?.timeZone ?? ""] ?? .utc, calendar: calendar,
      rates: rateBook(team, knownAt: instant).rates(at: instant))
  }

  /// As it is now, for days to come.
  func hourClasses(of person: String) -> HourClasses {
    let team = everyone[person]?.team ?? ""
    return HourClasses(
      zone: zones[everyone[person]?.timeZone ?? ""] ?? .utc, calendar: boards[team]?.team?.calendar,
      rates: configuration.pay.filter { $0.team == team }.max { $0.fromDate < $1.fromDate })
  }

  /// Rates that a closed period was paid by stay where they are; their amounts may change, which the next period corrects.
  func refuseToForgetRates(_ wanted: ScheduleConfiguration) throws(Refusal) {
    for (team, reports) in pay.closed.sorted(by: { $0.key < $1.key }) {
      guard let end = reports.last?.untilDate, wanted.teams.contains(where: { $0.id == team }) else { continue }
      for rates in configuration.pay where rates.team == team && rates.fromDate < end {
        guard wanted.pay.contains(where: { $0.team == team && $0.fromDate == rates.fromDate }) else {
          throw Refusal(
            .failedPrecondition,
            "the rates of team \(team) from \(rates.fromDate) on paid periods that are closed (C2): they stay; new rates "
              + "begin on a date of their own", field: "pay")
        }
      }
      for (index, rates) in wanted.pay.enumerated() where rates.team == team && rates.fromDate < end {
        guard configuration.pay.contains(where: { $0.team == team && $0.currency == rates.currency }) else {
          throw .invalid("pay[\(index)].currency", "team \(team) was paid in another currency until \(end)")
        }
      }
    }
  }
}
