import CivilTime
import Messages
import Testing
import Tiers
import Wire

/// What a scheduler's rules learn of the key that a call comes with.
@Suite struct KeyStandingTests {
  private let scheduler = Tier.scheduler(zones: TimeZones())

  private func status(_ roles: KeyRoles) throws -> Status? {
    let command = try #require(scheduler.commands[ScheduleMethods.requestAbsence.path])
    let request = AbsenceRequest(person: "fay", by: "ci")
    do throws(Refusal) {
      let input = try command.input(request.encoded(), Caller(principal: Principal("ci", roles: roles)))
      _ = try scheduler.rules.decide(input, at: Instant(milliseconds: 1))
      return nil
    } catch {
      return error.status
    }
  }

  /// Nobody is known here: neither ci nor fay. Only who may act for others hears of fay.
  @Test func onlyAKeyThatMayActForOthersIsAnOperators() throws {
    #expect(try status(.responder) == .permissionDenied)
    #expect(try status([.responder, .observer]) == .permissionDenied)
    for roles: KeyRoles in [.lead, .admin, .service, .all] { #expect(try status(roles) == .notFound) }
  }

  @Test func everyCommandOfASchedulerIsHeldToTheNameOfItsKey() throws {
    for (path, command) in scheduler.commands where MethodAccess.of(path).roles.contains(.responder) {
      guard path != HandoffMethods.recordChange.path else { continue }
      let input = try command.input(
        try #require(Self.requests[path]), Caller(principal: Principal("ci", roles: .responder)))
      #expect { _ = try scheduler.rules.decide(input, at: Instant(milliseconds: 1)) } throws: {
        ($0 as? Refusal)?.message.hasPrefix("nobody here is called ci") == true
      }
    }
  }

  /// The key of the pages is nobody's own: the rules hear of whoever the request names, and hold that person to their own name.
  @Test func thePagesActInTheNameOfWhomARequestNames() throws {
    let pages = Caller(principal: Principal("gateway", roles: .pages))
    for (path, command) in scheduler.commands where MethodAccess.of(path).roles.contains(.pages) {
      let input = try command.input(try #require(Self.requests[path]), pages)
      guard case .inOwnName(_, let name) = input else {
        Issue.record("\(path) is not held to a name")
        continue
      }
      #expect(name == "ci", "\(path)")
      #expect(throws: Refusal.self, "\(path)") { try command.input([], pages) }
    }
    let escalator = Tier.escalator(zones: TimeZones())
    let acknowledge = try #require(escalator.commands[EscalationMethods.acknowledge.path])
    let input = try acknowledge.input(AcknowledgeRequest(incidentId: "2f-1", by: "ana").encoded(), pages)
    guard case .inOwnName(_, of: "ana") = input else { return #expect(Bool(false), "\(input)") }
  }

  @Test func intakeLearnsWhichSourceReportsAHeartbeat() throws {
    let intake = Tier.intake()
    let command = try #require(intake.commands[HeartbeatsMethods.beat.path])
    var rules = intake.rules
    let backup = Heartbeat(name: "backup", every: .hours(24), grace: .hours(1), severity: .sev2)
    let configuration = IntakeConfiguration(defaultTeam: "platform", defaultPolicy: "platform", heartbeats: [backup])
    for fact in try rules.decide(.configure(configuration), at: Instant(milliseconds: 1)).facts {
      rules.apply(fact, at: Instant(milliseconds: 1))
    }
    func isHeard(_ principal: Principal) throws -> Bool {
      let input = try command.input(BeatRequest(name: "backup").encoded(), Caller(principal: principal))
      return (try? rules.decide(input, at: Instant(milliseconds: 2))) != nil
    }
    #expect(
      try isHeard(Principal("backup", roles: .source)) && isHeard(Principal("ana", roles: [.source, .responder])))
    #expect(try isHeard(.anonymous) && isHeard(Principal("admin", roles: .admin)))
    #expect(try !isHeard(Principal("grafana", roles: .source)))
  }

  private static let requests = [
    ScheduleMethods.requestAbsence.path: AbsenceRequest(by: "ci").encoded(),
    ScheduleMethods.endAbsence.path: AbsenceEnd(by: "ci").encoded(),
    ScheduleMethods.requestSwap.path: SwapRequest(by: "ci").encoded(),
    ScheduleMethods.answerSwap.path: SwapAnswer(by: "ci").encoded(),
    PayMethods.editWork.path: WorkEdit(by: "ci").encoded(),
    PayMethods.useCompDay.path: CompDayUse(by: "ci").encoded(),
    HandoffMethods.tick.path: HandoffTick(by: "ci").encoded(),
    HandoffMethods.edit.path: HandoffEdit(by: "ci").encoded(),
    HandoffMethods.sign.path: HandoffSignature(by: "ci").encoded(),
    HandoffMethods.accept.path: HandoffSignature(by: "ci").encoded(),
    HandoffMethods.giveFeedback.path: HandoffFeedback(by: "ci").encoded(),
    ReadinessMethods.tick.path: ReadinessTick(by: "ci").encoded(),
    ReadinessMethods.test.path: ReadinessTestRequest(by: "ci").encoded(),
    ReadinessMethods.confirm.path: ReadinessConfirmation(by: "ci").encoded(),
    ReadinessMethods.tickTask.path: DailyTaskTick(by: "ci").encoded(),
  ]
}
