import CivilTime
import Messages
import Testing

@Suite struct BusinessTimeTests {
  private func hours(
    _ zone: String = "UTC", from: UInt32 = 540, until: UInt32 = 1_020, weekdays: [UInt32] = [1, 2, 3, 4, 5],
    holidays: [String] = []
  ) throws -> BusinessTime {
    try BusinessTime(
      Calendar(
        timeZone: zone, workFromMinute: from, workUntilMinute: until, workWeekdays: weekdays, holidays: holidays),
      zones: SystemZones.all)
  }

  private func at(_ text: String) throws -> Instant { try #require(Instant(rfc3339: text)) }

  @Test func aSev4OverTheWeekendIsDueOnMonday() throws {
    let hours = try hours()
    let saturday = try at("2026-11-28T11:00:00Z")
    #expect(!hours.isOpen(at: saturday))
    #expect(hours.opening(atOrAfter: saturday).rfc3339 == "2026-11-30T09:00:00Z")
    #expect(hours.instant(.hours(2), after: saturday).rfc3339 == "2026-11-30T11:00:00Z")
    #expect(hours.endOfNextBusinessDay(after: saturday).rfc3339 == "2026-11-30T17:00:00Z")
    let friday = try at("2026-11-27T16:30:00Z")
    #expect(hours.isOpen(at: friday))
    #expect(hours.instant(.hours(2), after: friday).rfc3339 == "2026-11-30T10:30:00Z")
    #expect(hours.endOfNextBusinessDay(after: friday).rfc3339 == "2026-11-30T17:00:00Z")
  }

  @Test func aCountThatEndsWithTheDayEndsThatDay() throws {
    let hours = try hours()
    #expect(hours.instant(.hours(8), after: try at("2026-11-23T09:00:00Z")).rfc3339 == "2026-11-23T17:00:00Z")
    #expect(!hours.isOpen(at: try at("2026-11-23T17:00:00Z")))
    #expect(hours.isOpen(at: try at("2026-11-23T09:00:00Z")))
    #expect(hours.instant(.zero, after: try at("2026-11-23T18:00:00Z")).rfc3339 == "2026-11-24T09:00:00Z")
  }

  @Test func countingBackwardsUndoesCountingForwards() throws {
    let hours = try hours("Europe/Berlin", holidays: ["2026-12-24", "2026-12-25", "2026-12-31", "2027-01-01"])
    #expect(
      hours.instant(.minutes(5), before: try at("2026-12-28T08:02:00Z")).rfc3339 == "2026-12-23T15:57:00Z")
    #expect(
      hours.instant(.minutes(5), before: try at("2026-12-28T08:05:00Z")).rfc3339 == "2026-12-28T08:00:00Z")
    for minutes in stride(from: Int64(1), to: 3_000, by: 37) {
      let begin = try at("2026-10-23T08:00:00Z")
      let end = hours.instant(.minutes(minutes), after: begin)
      let back = hours.instant(.minutes(minutes), before: end)
      #expect(hours.span(from: back, until: end) == .minutes(minutes))
      #expect(hours.isOpen(at: back))
    }
  }

  @Test func holidaysAndTheYearsEndAreSkipped() throws {
    let hours = try hours("Europe/Berlin", holidays: ["2026-12-24", "2026-12-25", "2026-12-31", "2027-01-01"])
    let start = try at("2026-12-23T15:30:00Z")
    #expect(hours.instant(.hours(1), after: start).rfc3339 == "2026-12-28T08:30:00Z")
    #expect(hours.endOfNextBusinessDay(after: start).rfc3339 == "2026-12-28T16:00:00Z")
    #expect(hours.endOfNextBusinessDay(after: try at("2026-12-30T23:30:00Z")).rfc3339 == "2027-01-04T16:00:00Z")
    #expect(hours.instant(.hours(16), after: try at("2026-12-30T08:00:00Z")).rfc3339 == "2027-01-04T16:00:00Z")
  }

  @Test func theLocalDateDecidesWhatTheNextDayIs() throws {
    let hours = try hours("Pacific/Auckland")
    // Thursday evening in UTC is Friday morning there.
    #expect(hours.endOfNextBusinessDay(after: try at("2026-11-26T20:00:00Z")).rfc3339 == "2026-11-30T04:00:00Z")
  }

  @Test func hoursAcrossAClockChangeAreCountedAsTheyElapse() throws {
    let nights = try hours("Europe/Berlin", from: 0, until: 480, weekdays: [1, 2, 3, 4, 5, 6, 7])
    let spring = try at("2026-03-28T23:00:00Z")
    #expect(nights.span(from: spring, until: spring + .hours(23)) == .hours(7))
    let autumn = try at("2026-10-24T22:00:00Z")
    #expect(nights.span(from: autumn, until: autumn + .hours(24)) == .hours(9))
    #expect(nights.instant(.hours(9), after: autumn).rfc3339 == "2026-10-25T07:00:00Z")
    // A day whose hours the jump swallows is a day off.
    let swallowed = try hours("Europe/Berlin", from: 120, until: 180, weekdays: [7])
    #expect(swallowed.opening(atOrAfter: spring).rfc3339 == "2026-04-05T00:00:00Z")
  }

  @Test func aDayCanLastUntilMidnight() throws {
    let hours = try hours(from: 0, until: 1_440, weekdays: [1, 2, 3, 4, 5, 6, 7])
    let start = try at("2028-02-28T12:00:00Z")
    #expect(hours.instant(.hours(48), after: start).rfc3339 == "2028-03-01T12:00:00Z")
  }

  @Test func spanAndInstantAgree() throws {
    var random = SplitMix(seed: 42)
    for zone in ["UTC", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kolkata"] {
      let hours = try hours(zone, holidays: ["2027-01-01", "2027-05-03"])
      for _ in 0..<300 {
        let start = Instant(milliseconds: 1_780_000_000_000 + Int64(random.below(60_000_000)) * 1_000)
        let span = Span.minutes(Int64(random.below(6_000)))
        let end = hours.instant(span, after: start)
        #expect(hours.span(from: start, until: end) == span, "\(zone) \(start.rfc3339) + \(span)")
      }
    }
  }

  @Test func aCalendarThatSaysNothingIsNineToFiveInUTC() throws {
    let hours = try BusinessTime(Calendar(), zones: TimeZones())
    #expect(hours.isOpen(at: try at("2026-11-24T09:00:00Z")))
    #expect(!hours.isOpen(at: try at("2026-11-24T17:00:00Z")))
    #expect(!hours.isOpen(at: try at("2026-11-28T12:00:00Z")))
  }

  @Test func impossibleCalendarsAreRefusedByField() {
    for (calendar, field) in [
      (Calendar(timeZone: "Europe/Atlantis"), "calendar.time_zone"),
      (Calendar(workFromMinute: 600, workUntilMinute: 540), "calendar.work_until_minute"),
      (Calendar(workFromMinute: 600, workUntilMinute: 1_441), "calendar.work_until_minute"),
      (Calendar(workWeekdays: [0]), "calendar.work_weekdays"),
      (Calendar(holidays: ["2026-02-30"]), "calendar.holidays"),
    ] {
      do {
        _ = try BusinessTime(calendar, zones: TimeZones())
        Issue.record("\(field) was accepted")
      } catch {
        #expect((error as Refusal).field == field)
      }
    }
  }
}
