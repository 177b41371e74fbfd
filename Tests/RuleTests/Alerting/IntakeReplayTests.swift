import Alerting
import Machinery
import Messages
import Testing

/// The same records make the same intake, whatever happened in between.
@Suite struct IntakeReplayTests {
  private struct Turmoil {
    var dice: SplitMix
    var intake = Intake(nil)
    static let backup = Heartbeat(name: "backup", every: .minutes(5), grace: .minutes(2), severity: .sev3)

    init(seed: UInt64) {
      dice = SplitMix(seed: seed)
    }

    mutating func step() throws {
      let key = "key-\(dice.below(12))"
      let at: Span? = dice.below(3) == 0 ? nil : .seconds(Int64(dice.below(5_000)))
      switch dice.below(16) {
      case 0...3:
        var event = Event.trigger(
          key, Severity(rawValue: UInt32(1 + dice.below(4))) ?? .sev1, at: at,
          service: ["web", "db", ""][dice.below(3)])
        event.lapseAfter = [.zero, .zero, .minutes(4), .minutes(15)][dice.below(4)]
        try intake.publish(event)
      case 4: try intake.publish(.acknowledge(key, at: at))
      case 5...6: try intake.publish(.resolve(key, at: at))
      case 7:
        if let alert = try intake.list().alerts.first {
          try intake.close(
            AlertClosing(
              alertId: alert.id, closedAt: intake.now - .seconds(Int64(dice.below(600))), handedOverAt: intake.now))
        }
      case 8:
        var configuration = IntakeConfiguration.team
        configuration.heartbeats = [Self.backup]
        configuration.syntheticEvery = [.zero, .minutes(1), .minutes(10)][dice.below(3)]
        configuration.services[1].team = ["data", "storage", "platform"][dice.below(3)]
        configuration.heartbeats[0].every = .minutes(Int64(1 + dice.below(60)))
        try intake.configure(configuration)
      case 9: pay()
      case 10: _ = try? intake.beat("backup")
      case 11:
        try intake.silence(
          SilenceRequest(
            matchers: [Matcher(name: "service", value: ["web", "db", "*b"][dice.below(3)])],
            severities: [[], [.sev1], [.sev1, .sev2, .sev3]][dice.below(3)], by: "ana", reason: "an upgrade",
            fromAt: intake.now + .seconds(Int64(dice.below(300))),
            untilAt: intake.now + .seconds(Int64(301 + dice.below(2_000)))))
      case 12:
        if let one = intake.rules.list(SilencesRequest()).silences.first?.silence { try intake.endSilence(one.id) }
      case 13:
        try intake.publish(
          Event(
            action: .change, source: "ci", summary: "v\(dice.below(100))", service: "web",
            occurredAt: at.map { intake.now - $0 } ?? .unset))
      default: intake.wait(.seconds(Int64(dice.below(400))))
      }
    }

    private mutating func pay() {
      for debt in intake.rules.owed(to: .scheduler, limit: 2) {
        intake.remember(
          intake.rules.settle(Settlement(peer: .scheduler, key: debt.key, status: .ok), at: intake.now))
      }
      for debt in intake.rules.owed(to: .escalator, limit: 3) {
        let status = [Status.ok, .ok, .invalidArgument, .internal][dice.below(4)]
        intake.remember(
          intake.rules.settle(
            Settlement(peer: .escalator, key: debt.key, status: status, words: "words"), at: intake.now))
      }
    }
  }

  @Test(arguments: 1...40 as ClosedRange<UInt64>) func theSameRecordsMakeTheSameIntake(seed: UInt64) throws {
    var turmoil = Turmoil(seed: seed)
    var follower = Alerts()
    var read = 0
    for step in 1...300 {
      try turmoil.step()
      for (fact, at) in turmoil.intake.facts[read...] { follower.apply(fact, at: at) }
      read = turmoil.intake.facts.count
      #expect(follower == turmoil.intake.rules)
      guard step % 20 == 0 else { continue }
      var restored = Alerts()
      for fact in follower.condensed() { restored.apply(fact, at: turmoil.intake.now) }
      #expect(restored == follower, "from a checkpoint")
      #expect(
        try restored.list(ListAlertsRequest(includeResolved: true))
          == follower.list(ListAlertsRequest(includeResolved: true)))
      #expect(try restored.list(ChangesRequest()) == follower.list(ChangesRequest()))
      #expect(
        restored.list(SilencesRequest(includeEnded: true)) == follower.list(SilencesRequest(includeEnded: true)))
      if step % 40 == 0 { follower = restored }
    }
  }

  @Test(arguments: 1...40 as ClosedRange<UInt64>) func whatIsOpenIsAlwaysOwedOrHandedOver(seed: UInt64) throws {
    var turmoil = Turmoil(seed: seed)
    for _ in 1...200 { try turmoil.step() }
    turmoil.intake.wait(.hours(1))
    turmoil.intake.handOver()
    #expect(turmoil.intake.rules.debtSummary(to: .escalator).count == 0)
    let known = Dictionary(turmoil.intake.handedOver.map { ($0.id, $0.generation) }) { $1 }
    for alert in try turmoil.intake.list().alerts {
      #expect(alert.silencedBy.isEmpty, "every silence is over by now")
      if let known = known[alert.id] { #expect(known == alert.generation) }
    }
  }
}
