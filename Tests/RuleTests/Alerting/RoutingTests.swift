import Alerting
import Messages
import Testing

/// Requirements I3 and I4: whose an alert is, and what its class says to do.
@Suite struct RoutingTests {
  private func routed(_ event: Event) throws -> Alert {
    var intake = Intake()
    let id = try intake.publish(event).alertId
    return try #require(intake.rules.alert(id))
  }

  @Test func theFirstRouteThatMatchesWinsThenTheServiceThenTheDefault() throws {
    func words(_ service: String, _ labels: [String: String] = [:]) throws -> [String] {
      let alert = try routed(
        .trigger(service: service, labels: labels.sorted { $0.key < $1.key }.map { Label(name: $0, value: $1) }))
      return [alert.team, alert.policy, alert.routedBy]
    }
    #expect(try words("web") == ["platform", "platform", "service web"])
    #expect(try words("db") == ["data", "data", "service db"])
    #expect(try words("db", ["area": "payments"]) == ["money", "strict", "route payments"])
    #expect(try words("db", ["job": "backup"]) == ["platform", "data", "route db-backup"])
    #expect(try words("web", ["job": "backup"]) == ["platform", "platform", "service web"])
    #expect(try words("unheard-of") == ["platform", "platform", "default"])
  }

  @Test func theStepsOfItsClassTravelWithAnAlert() throws {
    var event = Event.trigger(service: "web")
    event.alertClass = "service_down"
    #expect(try routed(event).steps == ["Check pods", "Restart"])
    #expect(try routed(event).runbook == "/down")
    event.alertClass = "other"
    #expect(try routed(event).steps.isEmpty)
    #expect(try routed(event).runbook == "/web")
  }

  @Test func whatCameBeforeTheFirstConfigurationIsRoutedOnceThereIsOne() throws {
    var intake = Intake(nil)
    for number in 1...1_000 { try intake.publish(.trigger("\(number)", service: number % 2 == 0 ? "db" : "web")) }
    intake.handOver()
    #expect(Set(intake.handedOver.map(\.team)) == ["default"])
    try intake.configure(.team)
    intake.handOver()
    let moved = intake.handedOver.dropFirst(1_000)
    #expect(moved.count == 1_000 && moved.allSatisfy { $0.generation == 2 && $0.state == .open })
    #expect(moved.count { $0.team == "data" && $0.policy == "data" } == 500)
    #expect(moved.count { $0.team == "platform" && $0.runbook == "/web" } == 500)
  }

  @Test func anOpenAlertWhoseTeamIsGoneGoesToTheTeamThatHasItsServiceNow() throws {
    var intake = Intake()
    try intake.publish(.trigger("one", service: "db"))
    try intake.publish(.trigger("two", service: "web"))
    try intake.publish(.trigger("over", service: "db"))
    try intake.publish(.resolve("over"))
    intake.handOver()
    let before = intake.handedOver.count
    var changed = IntakeConfiguration.team
    changed.services[1].team = "storage"
    try intake.configure(changed)
    intake.handOver()
    #expect(intake.handedOver.dropFirst(before).map(\.team) == ["storage"])
    changed.dryRun = true
    changed.services[1].team = "other"
    try intake.configure(changed)
    intake.handOver()
    #expect(intake.handedOver.count == before + 1, "a dry run moves nothing")
  }

  @Test func anOpenAlertFollowsItsServiceToAnotherTeam() throws {
    var intake = Intake()
    try intake.publish(.trigger(service: "db"))
    try intake.publish(.trigger("paid", service: "db", labels: [Label(name: "area", value: "payments")]))
    intake.handOver()
    var changed = IntakeConfiguration.team
    changed.services[1].team = "platform"
    changed.services.append(Service(name: "warehouse", team: "data", policy: "data"))
    try intake.configure(changed)
    intake.handOver()
    #expect(intake.handedOver.dropFirst(2).map(\.team) == ["platform"], "what a route takes elsewhere stays there")
    try intake.publish(.trigger(service: "db"))
    intake.handOver()
    #expect(intake.handedOver.count == 3, "it has moved once")
  }

  @Test func aChangedPolicyAloneMovesNoAlert() throws {
    var intake = Intake()
    try intake.publish(.trigger(service: "db"))
    intake.handOver()
    var changed = IntakeConfiguration.team
    changed.services[1].policy = "strict"
    try intake.configure(changed)
    intake.handOver()
    #expect(intake.handedOver.count == 1)
  }

  @Test func aConfigurationThatCannotBeMeantIsRefusedByField() {
    func field(_ change: (inout IntakeConfiguration) -> Void) -> String? {
      var configuration = IntakeConfiguration.team
      change(&configuration)
      do throws(Refusal) {
        var intake = Intake(nil)
        try intake.configure(configuration)
        return nil
      } catch { return error.field }
    }
    #expect(field { $0.defaultTeam = "" } == "default_team")
    #expect(field { $0.services.append(Service(name: "web")) } == "services[2].name")
    #expect(field { $0.routes[0].name = "" } == "routes[0].name")
  }
}
