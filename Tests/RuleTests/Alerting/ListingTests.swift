import Alerting
import Messages
import Testing

/// What operators may ask, a page at a time.
@Suite struct ListingTests {
  private func pages(_ intake: Intake, _ request: ListAlertsRequest) throws -> [ListAlertsReply] {
    var request = request
    var pages: [ListAlertsReply] = []
    repeat {
      pages.append(try intake.list(request))
      request.after = pages.last?.after ?? ""
    } while !request.after.isEmpty
    return pages
  }

  @Test func aKeyIsFoundWhoeverReportedIt() throws {
    var intake = Intake()
    try intake.publish(.trigger("demo", source: "tocsinctl"))
    try intake.publish(.trigger("demo", source: "prometheus"))
    try intake.publish(.trigger("other"))
    #expect(try intake.list(ListAlertsRequest(dedupKey: "demo")).alerts.map(\.source) == ["tocsinctl", "prometheus"])
    #expect(try intake.list(ListAlertsRequest(source: "tocsinctl", dedupKey: "demo")).alerts.count == 1)
    try intake.publish(.resolve("demo"))
    #expect(try intake.list(ListAlertsRequest(dedupKey: "demo")).alerts.map(\.source) == ["tocsinctl"])
    #expect(try intake.list(ListAlertsRequest(dedupKey: "nothing")).alerts.isEmpty)
  }

  @Test func sourcesThatShareAKeyKeepTheirOwnAlerts() throws {
    var intake = Intake()
    let sources = ["one", "two", "three"]
    for source in sources { try intake.publish(.trigger(source: source)) }
    for source in sources { #expect(try intake.publish(.trigger(source: source)).count == 2) }
    #expect(try intake.list(ListAlertsRequest(dedupKey: "down")).alerts.map(\.source) == sources)
    for (gone, source) in sources.enumerated() {
      #expect(try intake.publish(.resolve(source: source)).disposition == .closed)
      #expect(try intake.publish(.resolve(source: source)).disposition == .unchanged)
      #expect(try intake.list(ListAlertsRequest(dedupKey: "down")).alerts.count == 2 - gone)
    }
  }

  @Test func pagesFollowEachOtherWithoutAHoleOrARepeat() throws {
    var intake = Intake()
    for number in 1...250 { try intake.publish(.trigger("\(number)")) }
    let found = try pages(intake, ListAlertsRequest(limit: 100))
    #expect(found.map(\.alerts.count) == [100, 100, 50] && found[0].open == 250)
    #expect(found.flatMap(\.alerts).map(\.dedupKey) == (1...250).map { "\($0)" })
  }

  @Test func aListGoesOnBehindAnAlertThatIsGone() throws {
    var intake = Intake()
    for number in 1...10 { try intake.publish(.trigger("\(number)")) }
    let first = try intake.list(ListAlertsRequest(limit: 4))
    try intake.publish(.resolve("4"))
    intake.handOver()
    #expect(try intake.list(ListAlertsRequest(after: first.after)).alerts.map(\.dedupKey) == (5...10).map { "\($0)" })
  }

  @Test func aFilterThatMatchesNothingLooksAtSoManyAndSaysWhereToGoOn() throws {
    var intake = Intake()
    for number in 1...25_000 { try intake.publish(.trigger("\(number)")) }
    let found = try pages(intake, ListAlertsRequest(source: "nobody"))
    #expect(found.count == 3 && found.allSatisfy(\.alerts.isEmpty))
  }

  @Test func anAnswerFitsIntoAMessage() throws {
    var intake = Intake()
    for number in 1...100 {
      var event = Event.trigger("\(number)")
      event.details = String(repeating: "x", count: 32 * 1_024)
      try intake.publish(event)
    }
    let found = try pages(intake, ListAlertsRequest(limit: 1_000))
    #expect(found.count > 3 && found.flatMap(\.alerts).count == 100)
    #expect(found.allSatisfy { $0.alerts.reduce(0) { $0 + $1.details.utf8.count } < 1 << 20 })
  }
}
