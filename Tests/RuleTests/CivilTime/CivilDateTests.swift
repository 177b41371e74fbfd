import CivilTime
import Messages
import Testing

@Suite struct CivilDateTests {
  @Test func daysAndDatesAreOneToOneOverEightHundredYears() throws {
    var expected = try #require(CivilDate(year: 1601, month: 1, day: 1))
    let first = expected.daysSinceEpoch
    for days in first..<first + 2 * 146_097 {
      let date = CivilDate(daysSinceEpoch: days)
      guard date == expected, date.daysSinceEpoch == days else {
        Issue.record("day \(days) is \(date), not \(expected)")
        return
      }
      let next = CivilDate(year: date.year, month: date.month, day: date.day + 1)
      expected = try #require(
        next ?? CivilDate(year: date.year, month: date.month + 1, day: 1)
          ?? CivilDate(year: date.year + 1, month: 1, day: 1))
    }
  }

  @Test func theEpochWasAThursday() throws {
    #expect(CivilDate(daysSinceEpoch: 0).description == "1970-01-01")
    #expect(CivilDate(daysSinceEpoch: 0).weekday == .thursday)
    #expect(CivilDate(daysSinceEpoch: -1).weekday == .wednesday)
    #expect(try #require(CivilDate("2026-11-24")).weekday == .tuesday)
  }

  @Test func datesThatDoNotExistAreNotRead() {
    for text in [
      "2025-02-29", "2100-02-29", "2026-13-01", "2026-00-10", "2026-04-31", "2026-1-01", "26-01-01", "2026-01-01 ",
      "2026/01/01", "+026-01-01", "", "２０２６-01-01",
    ] {
      #expect(CivilDate(text) == nil, "\(text)")
    }
    #expect(CivilDate("2024-02-29") != nil)
    #expect(CivilDate("2000-02-29") != nil)
  }

  @Test func weeksAreNumberedByTheirThursday() throws {
    for (text, week) in [
      ("2026-11-23", 48), ("2025-12-29", 1), ("2026-12-31", 53), ("2027-01-03", 53), ("2027-01-04", 1),
      ("2024-12-30", 1),
    ] {
      #expect(try #require(CivilDate(text)).isoWeek == week, "\(text)")
    }
  }

  @Test func rfc3339GoesThereAndBack() throws {
    let instant = Instant(milliseconds: 1_795_489_320_000)
    #expect(instant.rfc3339 == "2026-11-24T03:02:00Z")
    #expect(instant.rfc3339(in: SystemZones.rules("Asia/Kathmandu")) == "2026-11-24T08:47:00+05:45")
    #expect(instant.rfc3339(in: SystemZones.rules("America/St_Johns")) == "2026-11-23T23:32:00-03:30")
    #expect(instant.short() == "Tue 24 Nov 03:02 UTC")
    #expect(instant.short(in: SystemZones.rules("Europe/Berlin")) == "Tue 24 Nov 04:02 CET")
    for text in ["2026-11-24T03:02:00Z", "2026-11-24T08:47:00+05:45", "2026-11-23T23:32:00.000-03:30"] {
      #expect(try #require(Instant(rfc3339: text)) == instant, "\(text)")
    }
    #expect(Instant(rfc3339: "2026-11-24T03:02:00.1239Z")?.rfc3339 == "2026-11-24T03:02:00.123Z")
    for text in [
      "2026-11-24", "2026-11-24T03:02:00", "2026-11-24T24:00:00Z", "2026-11-24T03:60:00Z", "2026-02-30T00:00:00Z",
      "2026-11-24T03:02:00.Z", "2026-11-24T03:02:00+0100", "2026-11-24T03:02:00Zulu", "x",
    ] {
      #expect(Instant(rfc3339: text) == nil, "\(text)")
    }
  }
}
