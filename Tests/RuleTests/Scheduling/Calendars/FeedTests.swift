import CivilTime
import Messages
import Scheduling
import Testing

/// Requirement S12: the schedule in people's own calendars.
@Suite struct FeedTests {
  private let week = (from: Instant.utc("2026-12-07"), until: Instant.utc("2026-12-14"))

  private func scheduler() throws -> Scheduler {
    var configuration = ScheduleConfiguration.platform()
    configuration.teams[0].name = "Platform, Engineering"
    return try Scheduler(configuration, at: .utc("2026-11-25T12:00:00"))
  }

  private func feed(
    _ scheduler: Scheduler, person: String = "", from: Instant = .unset, until: Instant = .unset
  ) throws -> FeedReply {
    try scheduler.rules.feed(
      FeedRequest(team: "platform", person: person, fromAt: from, untilAt: until), now: scheduler.now)
  }

  private func events(_ reply: FeedReply) -> [[String: String]] { FeedReader.events(reply) }

  private func swapped() throws -> Scheduler {
    var scheduler = try scheduler()
    scheduler.wait(.hours(1))
    let swap = try scheduler.swap(
      SwapRequest(giver: "fay", takers: ["ana"], fromAt: week.from, untilAt: week.until, reason: "concert", by: "fay"))
    try scheduler.answer(swap, "ana")
    return scheduler
  }

  @Test func aShiftIsAnEventWithItsReason() throws {
    let text = try feed(scheduler(), person: "fay", from: week.from, until: week.until).text
    let expected = """
      BEGIN:VCALENDAR
      VERSION:2.0
      PRODID:-//Tocsin//On call//EN
      CALSCALE:GREGORIAN
      METHOD:PUBLISH
      X-WR-CALNAME:On call: fay\\, Platform\\, Engineering
      REFRESH-INTERVAL;VALUE=DURATION:PT15M
      X-PUBLISHED-TTL:PT15M
      BEGIN:VEVENT
      UID:platform-1-1796601600000@tocsin
      SEQUENCE:0
      DTSTAMP:20261125T120000Z
      LAST-MODIFIED:20261125T120000Z
      DTSTART:20261207T000000Z
      DTEND:20261214T000000Z
      SUMMARY:On call: primary of Platform\\, Engineering
      DESCRIPTION:rotation primary\\, week 50
      STATUS:CONFIRMED
      TRANSP:TRANSPARENT
      END:VEVENT
      END:VCALENDAR

      """
    #expect(String(decoding: text, as: UTF8.self) == expected.replacing("\n", with: "\r\n"))
  }

  @Test func afterASwapTheGiversEventIsCancelledAndTheTakersAppears() throws {
    let scheduler = try swapped()
    let given = try feed(scheduler, person: "fay", from: week.from, until: week.until)
    #expect(given.events == 1 && given.cancelled == 1)
    let giver = try #require(events(given).first)
    #expect(giver["STATUS"] == "CANCELLED" && giver["SEQUENCE"] == "1" && giver["DTSTAMP"] == "20261125T130000Z")
    #expect(giver["DESCRIPTION"]?.hasPrefix("now ana: rotation primary\\, week 50\\, swapped with fay") == true)
    let taker = try #require(
      events(feed(scheduler, person: "ana", from: week.from, until: week.until)).first { $0["UID"] == giver["UID"] })
    #expect(taker["STATUS"] == "CONFIRMED" && taker["SEQUENCE"] == "1" && taker["DTSTART"] == giver["DTSTART"])
    let all = try events(feed(scheduler, from: week.from, until: week.until)).filter { $0["UID"] == giver["UID"] }
    #expect(all.count == 1 && all[0]["SUMMARY"] == "On call: ana\\, primary of Platform\\, Engineering")
  }

  @Test func aShiftThatComesBackIsConfirmedAgainWithAHigherSequence() throws {
    var scheduler = try swapped()
    scheduler.wait(.hours(1))
    try scheduler.removeOverride("override-1")
    let fay = try #require(events(feed(scheduler, person: "fay", from: week.from, until: week.until)).first)
    #expect(fay["STATUS"] == "CONFIRMED" && fay["SEQUENCE"] == "2" && fay["DTSTAMP"] == "20261125T140000Z")
    let ana = try events(feed(scheduler, person: "ana", from: week.from, until: week.until))
    #expect(ana.first { $0["UID"] == fay["UID"] }?["STATUS"] == "CANCELLED")
  }

  @Test func sickLeaveShortensTheShiftAndShowsTheGapToTheTeam() throws {
    var scheduler = try scheduler()
    scheduler.wait(.hours(1))
    try scheduler.away("fay", .sick, from: week.from + .days(2), until: week.from + .days(3))
    let fay = try events(feed(scheduler, person: "fay", from: week.from, until: week.until))
    #expect(fay.map { $0["DTSTART"] } == ["20261207T000000Z", "20261210T000000Z"])
    #expect(fay.map { $0["DTEND"] } == ["20261209T000000Z", "20261214T000000Z"])
    #expect(fay[0]["SEQUENCE"] == "1" && fay.allSatisfy { $0["STATUS"] == "CONFIRMED" })
    let gap = try events(feed(scheduler, from: week.from, until: week.until)).filter {
      $0["SUMMARY"]?.hasPrefix("NOBODY is on call: primary") == true
    }
    #expect(gap.count == 1 && gap[0]["DTSTART"] == "20261209T000000Z" && gap[0]["DTEND"] == "20261210T000000Z")
  }

  /// Whatever people did, and wherever the calendar is asked to begin.
  @Test func calendarTimelineAndOnCallAgreeAtEveryBoundary() throws {
    var scheduler = try swapped()
    try scheduler.override("cai", from: week.from - .days(2), until: week.from + .days(1))
    try scheduler.away("ana", .sick, from: week.from + .days(3), until: week.from + .days(20))
    try scheduler.override("dee", tier: 2, from: week.from + .hours(30), until: week.from + .days(9))
    scheduler.wait(.days(12))
    try scheduler.removeOverride("override-2")
    let timeline = try #require(scheduler.timelines.last)
    let until = try scheduler.rules.show(ShowRequest(team: "platform"), now: scheduler.now).publishedUntilAt
    for from in [week.from - .days(30), week.from + .hours(5), week.from + .days(2), week.from + .days(10)] {
      let standing = try events(feed(scheduler, from: from, until: until)).filter { $0["STATUS"] == "CONFIRMED" }
      let shown = try scheduler.rules.show(
        ShowRequest(team: "platform", fromAt: from, untilAt: until), now: scheduler.now
      ).shifts.filter { $0.fromAt.isSet }
      #expect(standing.count == shown.count && shown.count > 10)
      for shift in shown {
        let event = standing.first { $0["UID"] == "platform-\(shift.tier)-\(shift.fromAt.milliseconds)@tocsin" }
        let holder = shift.person.isEmpty ? "NOBODY" : "On call: \(shift.person)\\,"
        #expect(event?["SUMMARY"]?.hasPrefix(holder) == true, "\(shift)")
        #expect(event?["DTEND"] == shift.untilAt.rfc3339.filter { $0 != "-" && $0 != ":" }, "\(shift)")
        #expect(try scheduler.holder(shift.tier, at: shift.fromAt) == shift.person)
        #expect(try scheduler.holder(shift.tier, at: shift.untilAt - .milliseconds(1)) == shift.person)
        guard shift.untilAt > timeline.fromAt else { continue }
        #expect(timeline.shifts.contains(shift), "\(shift)")
      }
    }
  }

  @Test func whatIsOnlyPlannedIsntShownButWhatPeopleArrangedIs() throws {
    var scheduler = try scheduler()
    let later = Instant.utc("2027-02-01")
    let uid = "platform-1-\(later.milliseconds)@tocsin"
    func event(_ scheduler: Scheduler, of person: String = "") throws -> [String: String]? {
      try events(feed(scheduler, person: person)).first { $0["UID"] == uid }
    }
    let published = try feed(scheduler).publishedUntilAt
    #expect(published == Instant.utc("2026-12-28"))
    #expect(try events(feed(scheduler)).allSatisfy { $0["DTSTART"]! < "20261228T000000Z" })
    try scheduler.override("cai", from: later, until: later + .days(2))
    let arranged = try #require(try event(scheduler, of: "cai"))
    #expect(arranged["STATUS"] == "CONFIRMED" && arranged["SEQUENCE"] == "0" && arranged["DTEND"] == "20270203T000000Z")
    scheduler.wait(.days(1))
    try scheduler.removeOverride("override-1")
    let taken = try #require(try event(scheduler, of: "cai"))
    #expect(taken["STATUS"] == "CANCELLED" && taken["SEQUENCE"] == "1" && taken["DTSTAMP"] == "20261126T120000Z")
    scheduler.wait(until: .utc("2027-01-15"))
    let promised = try #require(try event(scheduler))
    #expect(promised["STATUS"] == "CONFIRMED" && promised["SEQUENCE"] == "2" && promised["DTEND"] == "20270208T000000Z")
    #expect(try event(scheduler, of: "cai")?["STATUS"] == "CANCELLED")
  }

  @Test func aTeamThatIsGivenUpTakesItsShiftsBack() throws {
    var scheduler = try scheduler()
    let configuration = scheduler.rules.configuration
    scheduler.wait(.hours(1))
    try scheduler.configure(configuration.moved(to: "other"))
    let reply = try feed(scheduler, person: "fay", from: week.from, until: week.until)
    #expect(reply.events == 1 && reply.cancelled == 1)
    #expect(events(reply)[0]["SEQUENCE"] == "1" && events(reply)[0]["DTSTAMP"] == "20261125T130000Z")
    scheduler.wait(.hours(1))
    try scheduler.configure(configuration)
    let team = try events(feed(scheduler, from: week.from, until: week.until))
    let again = try #require(team.first { $0["DTSTART"] == "20261207T000000Z" })
    #expect(again["SEQUENCE"] == "2" && again["STATUS"] == "CONFIRMED")
  }

  @Test func nothingIsLostInACheckpoint() throws {
    let scheduler = try swapped()
    let request = FeedRequest(team: "platform")
    #expect(
      try scheduler.restored.feed(request, now: scheduler.now) == scheduler.rules.feed(request, now: scheduler.now))
  }

  @Test func noLineIsLongerThan75OctetsAndNoCharacterIsTorn() throws {
    var configuration = ScheduleConfiguration.platform()
    configuration.teams[0].name = String(repeating: "Überführung ", count: 20)
    let scheduler = try Scheduler(configuration, at: .utc("2026-11-25T12:00:00"))
    let reply = try feed(scheduler)
    let text = String(decoding: reply.text, as: UTF8.self)
    #expect(text.split(separator: "\r\n").allSatisfy { $0.utf8.count <= 75 })
    #expect(events(reply).first?["SUMMARY"]?.hasSuffix("Überführung ") == true)
    #expect(!text.replacing("\r\n", with: "").contains { $0 == "\n" || $0 == "\r" })
  }

  @Test func whatReadersDoNotSeeIsInNoCalendar() throws {
    var configuration = ScheduleConfiguration.platform()
    configuration.teams[0].name = "Plat\u{202E}form\u{200B}\u{9b}"
    let text = String(
      decoding: try feed(Scheduler(configuration, at: .utc("2026-11-25T12:00:00"))).text, as: UTF8.self)
    #expect(text.contains("primary of Platform"))
    #expect(!text.unicodeScalars.contains { $0.isHidden && !$0.endsLine })
  }

  @Test func whatIsAskedForMustExist() throws {
    let scheduler = try scheduler()
    func refusal(_ request: FeedRequest) -> Refusal? {
      do throws(Refusal) {
        _ = try scheduler.rules.feed(request, now: scheduler.now)
        return nil
      } catch {
        return error
      }
    }
    #expect(refusal(FeedRequest())?.field == "team")
    #expect(refusal(FeedRequest(team: "nowhere"))?.status == .notFound)
    #expect(refusal(FeedRequest(person: "nobody"))?.status == .notFound)
    #expect(refusal(FeedRequest(team: "platform", untilAt: scheduler.now + .days(700)))?.field == "until_at_ms")
  }
}
