/// The rule that the tz database leaves for all years after its table: POSIX's `CET-1CEST,M3.5.0,M10.5.0/3`.
struct SeasonRule: Hashable, Sendable {
  /// A day of any year, and a time on it that may lie outside that day (-167 to 167 hours).
  struct Change: Hashable, Sendable {
    enum Day: Hashable, Sendable {
      /// 1...365, where 29 February is never counted.
      case julian(Int)
      /// 0...365, where it is.
      case ofYear(Int)
      /// The nth such weekday of a month, 5 meaning the last; 0 is Sunday.
      case weekday(month: Int, week: Int, weekday: Int)
    }
    var day: Day
    var second: Int

    /// In seconds since the epoch on the local clock.
    func local(in year: Int) -> Int64 {
      Int64(daysSinceEpoch(in: year)) * 86_400 + Int64(second)
    }

    private func daysSinceEpoch(in year: Int) -> Int {
      func first(of month: Int) -> Int { CivilDate(year: year, month: month, day: 1)?.daysSinceEpoch ?? 0 }
      switch day {
      case .julian(let number): return first(of: 1) + number - 1 + (number >= 60 && CivilDate.isLeap(year) ? 1 : 0)
      case .ofYear(let number): return first(of: 1) + number
      case .weekday(let month, let week, let weekday):
        let start = first(of: month)
        let startsOn = Int(CivilDate.weekday(daysSinceEpoch: start).rawValue) % 7
        var found = start + (weekday - startsOn + 7) % 7 + (week - 1) * 7
        while found >= start + CivilDate.days(inMonth: month, of: year) { found -= 7 }
        return found
      }
    }
  }

  struct Daylight: Hashable, Sendable {
    var period: TimeZoneRules.Period
    var begins: Change
    var ends: Change
  }

  var standard: TimeZoneRules.Period
  var daylight: Daylight?

  /// The stretch around a second. Looking at three years suffices: the changes of a year lie within eight days of it.
  func stretch(at second: Int64) -> TimeZoneRules.Stretch {
    guard let daylight else { return .init(from: .min, until: .max, period: standard) }
    let year = CivilDate(daysSinceEpoch: CivilDate.floorDivide(Int(second), 86_400)).year
    var found = TimeZoneRules.Stretch(from: .min, until: .max, period: standard)
    for year in year - 1...year + 1 {
      let begins = (at: daylight.begins.local(in: year) - Int64(standard.offset), period: daylight.period)
      let ends = (at: daylight.ends.local(in: year) - Int64(daylight.period.offset), period: standard)
      let changes = begins.at <= ends.at ? [begins, ends] : [ends, begins]
      for change in changes {
        // Two changes at one instant leave no stretch between them: all the year is daylight-saving time.
        if change.at == found.from {
          found.period = daylight.period
        } else if change.at <= second {
          found = .init(from: change.at, until: .max, period: change.period)
        } else if change.period != found.period {
          found.until = change.at
          return found
        }
      }
    }
    return found
  }
}
