import Alerting
import Machinery
import Messages
import Testing

/// Several intakes: what is said at one counts at the others.
@Suite struct SharingTests {
  private static let backup = Heartbeat(
    name: "backup", every: .hours(24), grace: .hours(1), severity: .sev2, service: "db")

  private func two() throws -> (Intake, Intake) {
    var configuration = IntakeConfiguration.team
    configuration.heartbeats = [Self.backup]
    return (Intake(configuration, number: 1, of: 2), Intake(configuration, number: 2, of: 2))
  }

  private let silence = SilenceRequest(
    matchers: [Matcher(name: "service", value: "web")], by: "ana", reason: "test", untilAt: Intake.start + .hours(8))

  @Test func aSilenceThatOneHeardKeepsQuietAtTheOther() throws {
    var (first, second) = try two()
    let id = try first.silence(silence)
    second.wait(.minutes(3))
    first.wait(.minutes(3))
    first.tell(&second)
    #expect(try second.publish(.trigger("x", .sev2, service: "web")).silencedBy == id)
    second.handOver()
    #expect(second.handedOver.isEmpty)
    // The other tells it back once, and nobody goes on.
    #expect(second.tell(&first) == 1 && first.tell(&second) == 0)
    #expect(first.restored == first.rules && second.restored == second.rules)
  }

  @Test func itsEndHoldsForBothAndWhatFiresPages() throws {
    var (first, second) = try two()
    let id = try first.silence(silence)
    first.tell(&second)
    second.tell(&first)
    try second.publish(.trigger("x", .sev2, service: "web"))
    try first.endSilence(id)
    #expect(first.restored == first.rules, "the end is owed beyond a checkpoint")
    first.tell(&second)
    second.handOver()
    #expect(second.handedOver.map(\.releasedFrom) == [id])
    #expect(second.tell(&first) == 1 && first.tell(&second) == 0)
  }

  @Test func oneThatWasEndedBeforeTheOtherHeardOfItKeepsNothingQuiet() throws {
    var (first, second) = try two()
    try first.endSilence(try first.silence(silence))
    first.tell(&second)
    #expect(second.rules.list(SilencesRequest(includeEnded: true)).silences.isEmpty)
    #expect(first.rules.debtSummary(to: .furtherIntake(2)).count == 0)
  }

  @Test func whatTimeEndsIsTold() throws {
    var (first, second) = try two()
    try first.silence(silence)
    // The second is away until it is over.
    for _ in 0..<2 { first.wait(.hours(5)) }
    second.wait(.hours(10))
    #expect(first.tell(&second) == 0)
    #expect(first.rules.debtSummary(to: .furtherIntake(2)).count == 0)
  }

  @Test func anIntakeThatCameLaterHearsOfSilencesThatRun() throws {
    var only = Intake(number: 1)
    let id = try only.silence(silence)
    // The process begins anew, and is told that there are two.
    var first = Intake(nil, number: 1, of: 2)
    first.remember(only.rules.condensed())
    var (_, second) = try two()
    first.tell(&second)
    #expect(second.rules.silence(id) != nil)
  }

  @Test func whoLostItsDiskIsToldAgain() throws {
    var (first, second) = try two()
    let id = try first.silence(silence)
    first.tell(&second)
    var (_, anew) = try two()
    first.rules.peerLost(.furtherIntake(2), at: first.now)
    first.tell(&anew)
    #expect(anew.rules.silence(id) != nil)
    second.tell(&first)
  }

  @Test func aHeartbeatThatOneHeardIsNoSilenceAtTheOther() throws {
    var (first, second) = try two()
    for _ in 1...5 {
      first.wait(.hours(24))
      second.wait(.hours(24))
      try first.beat("backup")
      #expect(first.restored == first.rules)
      first.tell(&second)
      #expect(second.tell(&first) == 0, "it is told no further")
    }
    second.wait(.hours(25) - .milliseconds(1))
    #expect(second.rules.openCount == 0)
    #expect(second.restored == second.rules)
    second.wait(.milliseconds(1))
    #expect(second.rules.openCount == 1, "nobody heard it")
  }

  @Test func itEndsTheAlarmOfAnIntakeThatWasOutOfReach() throws {
    var (first, second) = try two()
    second.wait(.hours(25))
    #expect(second.rules.openCount == 1)
    first.wait(.hours(24))
    try first.beat("backup")
    first.wait(.hours(1))
    first.tell(&second)
    #expect(second.rules.openCount == 0)
    let beat = try #require(second.rules.list(HeartbeatsRequest()).heartbeats.first)
    #expect(!beat.missing && beat.lastAt == second.now - .hours(1) && beat.dueAt == beat.lastAt + .hours(25))
  }

  @Test func anOldOneEndsNoAlarm() throws {
    var (first, second) = try two()
    try first.beat("backup")
    first.wait(.hours(25))
    second.wait(.hours(25))
    first.tell(&second)
    #expect(second.rules.openCount == 1)
  }

  @Test func aHeartbeatThatConfigurationForgetsIsOwedNoMore() throws {
    var (first, _) = try two()
    try first.beat("backup")
    #expect(first.rules.debtSummary(to: .furtherIntake(2)).count == 1)
    try first.configure(.team)
    #expect(first.rules.debtSummary(to: .furtherIntake(2)).count == 0)
  }

  /// The escalator hears nothing of what is silenced here; the other intake had handed its own over before.
  @Test func theEndOfWhatIsSilencedIsPassedOn() throws {
    var (_, second) = try two()
    try second.silence(silence)
    try second.publish(.trigger("down", .sev2, service: "web"))
    #expect(try second.publish(.resolve()).disposition == .closed)
    second.handOver()
    #expect(second.handedOver.map(\.elsewhere) == [true] && second.handedOver.first?.state == .resolved)
    var only = Intake()
    try only.silence(silence)
    try only.publish(.trigger("down", .sev2, service: "web"))
    try only.publish(.resolve())
    only.handOver()
    #expect(only.handedOver.isEmpty)
  }

  @Test func theOnlyOneTellsNobody() throws {
    var only = Intake()
    try only.silence(silence)
    #expect(only.rules.others.isEmpty)
  }

  @Test func whatLapsesSaysSo() throws {
    var (first, _) = try two()
    var event = Event.trigger("posted", .sev2)
    event.lapseAfter = .minutes(15)
    try first.publish(event)
    first.handOver()
    first.wait(.minutes(15))
    first.handOver()
    #expect(first.handedOver.map(\.lapsed) == [false, true])
  }
}
