import CivilTime
import Messages
import Serving
import Wire

/// The schedule as a month: who holds each tier on each day, by the team's clock.
extension Site {
  func schedule(_ visit: Visit) async throws(Refusal) -> WebAnswer {
    let roster = await roster()
    let team = try team(in: visit, roster)
    let zone = settings.zone(team.calendar?.timeZone ?? "") ?? .utc
    let today = zone.local(visit.now).date
    let first = Self.month(visit.query["month"]) ?? CivilDate(daysSinceEpoch: today.daysSinceEpoch - today.day + 1)
    let next = Self.following(first)
    let reply = try await desk.ask(
      .scheduler, ScheduleMethods.show,
      ShowRequest(
        team: team.id, fromAt: zone.instant(of: LocalTime(first, minute: 0)),
        untilAt: zone.instant(of: LocalTime(next, minute: 0))))
    let monday = first.adding(days: -(Int(first.weekday.rawValue) - 1))
    let last = next.adding(days: -1)
    let weeks = (last.daysSinceEpoch - monday.daysSinceEpoch) / 7 + 1
    let month = Month(shifts: reply.shifts, zone: zone, roster: roster, me: visit.by, now: visit.now)
    let query = "team=\(PlainPath.escaped(team.id))&month="
    return printer.page(
      "schedule", "Schedule",
      [
        "live": true, "team": .text(team.name.isEmpty ? team.id : team.name),
        "teams": teamChoice(roster, team, at: "/schedule"),
        "month": .text("\(MonthNames.full[first.month - 1]) \(first.year)"),
        "zone": .text(zone.abbreviation(at: visit.now)),
        "before": .text("/schedule?\(query)\(Self.name(first.adding(days: -1)))"),
        "here": .text("/schedule?team=\(PlainPath.escaped(team.id))#today"),
        "after": .text("/schedule?\(query)\(Self.name(next))"),
        "weeks": .list(
          (0..<weeks).map { week in
            [
              "days": .list(
                (0..<7).map { day in
                  let date = monday.adding(days: week * 7 + day)
                  return month.day(date, isToday: date == today, isInside: date.month == first.month)
                })
            ]
          }),
        "notes": .list(reply.notes.map { ["rule": .text($0.rule), "text": .text($0.text)] }),
        "hasNotes": .flag(!reply.notes.isEmpty),
      ], for: visit)
  }

  /// Of "2026-12".
  private static func month(_ text: String) -> CivilDate? {
    guard let date = CivilDate("\(text)-01"), 2_000...2_200 ~= date.year else { return nil }
    return date
  }

  private static func name(_ date: CivilDate) -> String { String(date.description.prefix(7)) }

  private static func following(_ first: CivilDate) -> CivilDate {
    let later = first.adding(days: 31)
    return later.adding(days: 1 - later.day)
  }
}

/// A month's shifts, day by day.
private struct Month {
  let shifts: [Shift]
  let zone: TimeZoneRules
  let roster: Roster
  let me: String
  let now: Instant

  func day(_ date: CivilDate, isToday: Bool, isInside: Bool) -> Shown.Fields {
    let begin = zone.instant(of: LocalTime(date, minute: 0))
    let end = zone.instant(of: LocalTime(date.adding(days: 1), minute: 0))
    let held = shifts.filter { $0.tier < 4 && $0.fromAt < end && $0.untilAt > begin }
      .sorted { ($0.tier, $0.fromAt) < ($1.tier, $1.fromAt) }
    return [
      "number": .text("\(date.day)"), "weekday": .text(date.weekday.short), "today": .flag(isToday),
      "outside": .flag(!isInside), "weekend": .flag(date.weekday.rawValue > 5),
      "shifts": .list(
        isInside
          ? held.map { shift in
            [
              "tier": .text("\(shift.tier)"), "word": .text(DutyTier.word(shift.tier)),
              "person": .text(shift.person.isEmpty ? "nobody" : roster.name(shift.person)),
              // That nobody had it, before there was a schedule, is nobody's to mend.
              "gap": .flag(shift.person.isEmpty && shift.untilAt > now), "past": .flag(shift.untilAt <= now),
              "me": .flag(!shift.person.isEmpty && shift.person == me),
              "since": .text(shift.fromAt > begin ? clock(shift.fromAt) : ""), "why": .text(shift.explanation),
            ]
          } : []),
    ]
  }

  private func clock(_ instant: Instant) -> String {
    let time = zone.local(instant)
    return "\(ReaderTime.padded(time.hour)):\(ReaderTime.padded(time.minute))"
  }
}
