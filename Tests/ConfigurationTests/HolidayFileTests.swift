import Configuration
import Testing

/// Requirement S12: holidays from a calendar file.
@Suite struct HolidayFileTests {
  private func read(_ calendar: [String], holidays: String = "portugal.ics") throws -> [String] {
    var files = try Repository.shippedFiles()
    let index = try #require(files.firstIndex { $0.name.hasSuffix("/team.yaml") })
    files[index].text = files[index].text.replacing("holidays: []", with: "holidays: \(holidays)")
    let name = files[index].name.replacing("team.yaml", with: "portugal.ics")
    files.append(SourceFile(name: name, text: calendar.joined(separator: "\r\n") + "\r\n"))
    return try ClusterConfiguration(reading: files).schedule.teams[0].calendar?.holidays ?? []
  }

  private func event(_ lines: String...) -> [String] {
    ["BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VEVENT"] + lines + ["END:VEVENT", "END:VCALENDAR"]
  }

  private func complaint(_ calendar: [String], holidays: String = "portugal.ics") -> String {
    do {
      return "none: \(try read(calendar, holidays: holidays))"
    } catch {
      return "\(error)".split(separator: "/").last.map(String.init) ?? ""
    }
  }

  @Test func eventsAreWholeDaysAndMayLastSeveral() throws {
    let calendar = [
      "BEGIN:VCALENDAR", "BEGIN:VEVENT", "DTSTART;VALUE=DATE:20261225", "SUMMARY;X-A=\"a:b\":Christ", " mas",
      "END:VEVENT", "BEGIN:VEVENT", "DTSTART;VALUE=DATE:20261231", "DTEND;VALUE=DATE:20270102", "END:VEVENT",
      "BEGIN:VEVENT", "DTSTART:20270301", "DURATION:P1W", "STATUS:CANCELLED", "END:VEVENT",
      "BEGIN:VEVENT", "DTSTART:20270401", "DURATION:P2D", "BEGIN:VALARM", "DURATION:PT5M", "END:VALARM", "END:VEVENT",
      "END:VCALENDAR",
    ]
    let dates = ["2026-12-25", "2026-12-31", "2027-01-01", "2027-04-01", "2027-04-02"]
    #expect(try read(calendar) == dates)
    #expect(try read(calendar, holidays: "[2026-12-24, portugal.ics, 2026-12-25]") == ["2026-12-24"] + dates)
  }

  @Test func whatIsWrongIsNamedWithItsLine() {
    #expect(
      complaint(event("DTSTART:20261225T090000Z")) == """
        portugal.ics:4:1: DTSTART: expected a whole day such as DTSTART;VALUE=DATE:20261225, found "20261225T090000Z"
        """)
    #expect(complaint(event("DTSTART:20260230")).hasPrefix("portugal.ics:4:1: DTSTART: expected a whole day"))
    #expect(
      complaint(event("SUMMARY:long", " folded", "DTSTART:20261225", "RRULE:FREQ=YEARLY")) == """
        portugal.ics:7:1: RRULE: expected an event of its own for each holiday, none that recurs, found "FREQ=YEARLY"
        """)
    #expect(
      complaint(event("SUMMARY:x")) == """
        portugal.ics:3:1: VEVENT: expected a whole day such as DTSTART;VALUE=DATE:20261225, found an event without DTSTART
        """)
    #expect(
      complaint(event("DTSTART:20261225", "DTEND:20261225")) == """
        portugal.ics:3:1: VEVENT: expected an end from 1 to 366 days after DTSTART, found 0
        """)
    #expect(complaint(event("nonsense")).hasPrefix("portugal.ics:4:1: line: expected a property such as"))
    #expect(complaint(event("DURATION:PT1H")).hasPrefix("portugal.ics:4:1: DURATION: expected whole days such as P1D"))
    #expect(
      complaint(["BEGIN:VCALENDAR"]) == "portugal.ics:1:1: file: expected END:VCALENDAR, found the end of the file")
    #expect(complaint(["DTSTART:20261225"]).hasPrefix("portugal.ics:1:1: DTSTART: expected BEGIN:VCALENDAR first"))
    #expect(complaint(["BEGIN:VCALENDAR", "END:VEVENT"]).hasPrefix("portugal.ics:2:1: END: expected END:VCALENDAR"))
  }

  @Test func aFileThatIsntReadIsNamedWhereItIsMentioned() {
    let words = complaint(event("DTSTART:20261225"), holidays: "portugl.ics")
    #expect(words.contains("Team.holidays: expected a calendar file that is read too"))
    #expect(words.hasSuffix("found \"portugl.ics\"; did you mean \"portugal.ics\"?"))
  }
}
