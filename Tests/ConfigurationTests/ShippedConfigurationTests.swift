import Configuration
import Messages
import Testing

/// The shipped policy is the procedure's, number by number.
@Suite struct ShippedConfigurationTests {
  let shipped: ClusterConfiguration
  let rules: [Severity: SeverityRule]

  init() throws {
    shipped = try Repository.shipped()
    let policy = try #require(shipped.escalation.policies.first)
    rules = Dictionary(uniqueKeysWithValues: policy.severities.map { ($0.severity, $0) })
  }

  func rule(_ severity: Severity) throws -> SeverityRule { try #require(rules[severity]) }

  @Test func theTeamIsTheProcedures() throws {
    let team = try #require(shipped.schedule.teams.first)
    #expect(shipped.schedule.teams.count == 1)
    #expect((team.id, team.name, team.lead) == ("platform", "Platform Engineering", "tara"))
    #expect(team.managers == ["mia"])
    #expect(team.executives == ["vera", "cora"])
    #expect(team.calendar?.workFromMinute == 540)
    #expect(team.calendar?.workUntilMinute == 1_020)
    #expect(team.calendar?.workWeekdays == [1, 2, 3, 4, 5])
    let roles = Dictionary(grouping: shipped.schedule.people, by: \.role).mapValues { $0.map(\.id) }
    #expect(roles[.engineer] == ["ana", "ben", "cai", "dee", "eli", "fay", "gus", "hal"])
    #expect(roles[.teamLead] == ["tara", "theo"])
    #expect(roles[.engineeringManager] == ["mia"])
    #expect(roles[.vp] == ["vera"])
    #expect(roles[.cto] == ["cora"])
    #expect(shipped.schedule.people.allSatisfy { $0.team == "platform" && !$0.timeZone.isEmpty })
  }

  @Test func thisWeeksSecondaryIsNextWeeksPrimary() throws {
    let rotations = shipped.schedule.rotations
    #expect(rotations.map(\.tier) == [1, 2, 3])
    #expect(rotations.map(\.follows) == ["", "platform-primary", ""])
    for rotation in [rotations[0], rotations[2]] {
      #expect(rotation.unit == .weeks && rotation.length == 1 && rotation.timeZone == "UTC")
      #expect(rotation.handoffWeekday == 1 && rotation.handoffMinute == 0 && rotation.startDate == "2025-10-06")
    }
    #expect(rotations[0].members == ["ana", "ben", "cai", "dee", "eli", "fay", "gus", "hal"])
    #expect(rotations[0].offset == 0 && rotations.map(\.shiftsPerTurn) == [1, 0, 2])
    #expect(rotations[2].members == ["tara", "theo"])
  }

  @Test func everybodyInTheRotationsWasTrained() {
    let items = Dictionary(grouping: shipped.schedule.training, by: \.person).mapValues { Set($0.map(\.item.rawValue)) }
    for member in shipped.schedule.rotations.flatMap(\.members) { #expect(items[member] == Set(1...8)) }
  }

  @Test func acknowledgementTimesAreTheTables() throws {
    let targets = try Severity.graded.map { try rule($0).acknowledgeTarget }
    #expect(targets == [.minutes(5), .minutes(10), .minutes(30), .hours(2)])
    let maxima = try Severity.graded.map { try rule($0).acknowledgeMaximum }
    #expect(maxima == [.minutes(10), .minutes(20), .hours(1), .zero])
    #expect(try Severity.graded.map { try rule($0).maximumIsNextBusinessDay } == [false, false, false, true])
    #expect(try Severity.graded.map { try rule($0).secondaryAfter } == [.minutes(15), .minutes(15), .zero, .zero])
    let further = try Severity.graded.map { try rule($0).tierAcknowledge }
    #expect(further == [.minutes(5), .minutes(10), .hours(1), .hours(2)])
    let lapses = try Severity.graded.map { try rule($0).acknowledgementLapses }
    #expect(lapses == [.minutes(30), .minutes(30), .hours(4), .zero])
  }

  @Test func theChainEndsAndStartsAgainAsWritten() throws {
    #expect(try Severity.graded.map { try rule($0).topTier } == [4, 3, 3, 2])
    let restarts = try Severity.graded.map { try rule($0).restartAfter }
    #expect(restarts == [.minutes(5), .minutes(15), .hours(1), .hours(8)])
    #expect(try Severity.graded.allSatisfy { try !rule($0).restartNextBusinessDay })
    #expect(try Severity.graded.map { try rule($0).tier3WithTier2 } == [true, false, false, false])
    #expect(try Severity.graded.map { try rule($0).businessTime } == [false, false, false, true])
  }

  @Test func updatesAreDueAsInTheTable() throws {
    #expect(try Severity.graded.allSatisfy { try rule($0).investigate == .minutes(10) })
    #expect(try Severity.graded.map { try rule($0).investigateAfterAcknowledgement } == [false, false, true, true])
    let first = try Severity.graded.map { try rule($0).firstUpdate }
    #expect(first == [.minutes(15), .minutes(30), .hours(1), .hours(4)])
    let next = try Severity.graded.map { try rule($0).nextUpdates }
    #expect(next == [.minutes(30), .minutes(30), .zero, .zero])
    #expect(try Severity.graded.map { try rule($0).missedUpdateEscalates } == [true, true, false, false])
    let channels = try Severity.graded.map { try rule($0).updateChannels }
    #expect(channels == [["#incidents", "status-page"], ["#incidents"], ["ticket"], ["ticket"]])
    #expect(try Severity.graded.allSatisfy { try rule($0).remindBefore < rule($0).firstUpdate })
  }

  @Test func pagesTakeTheChannelsOfTheirSeverity() throws {
    let channels = try Severity.graded.map { try rule($0).channels }
    #expect(channels == [[], [], ["push", "slack"], ["email", "slack"]])
  }

  @Test func ageRulesAreTheTables() throws {
    #expect(
      try rule(.sev1).ages == [
        AgeRule(after: .hours(1), action: .page, tiers: [2, 3], management: true),
        AgeRule(after: .hours(4), action: .page, tiers: [4]),
      ])
    #expect(
      try rule(.sev2).ages == [
        AgeRule(after: .hours(1), action: .tell, tiers: [3]),
        AgeRule(after: .hours(2), action: .page, tiers: [2, 3]),
        AgeRule(after: .hours(4), action: .page, tiers: [4], channels: ["push", "email"]),
      ])
    #expect(
      try rule(.sev3).ages == [
        AgeRule(after: .hours(1), action: .nudgeOwner), AgeRule(after: .hours(4), action: .page, tiers: [3]),
      ])
    #expect(try rule(.sev4).ages == [AgeRule(after: .hours(1), action: .nudgeOwner)])
  }

  @Test func alertClassesCarryAppendixB() throws {
    let classes = shipped.intake.classes.filter { $0.name != "tier_lost" }
    #expect(classes.map(\.name) == ["high_error_rate", "service_down", "high_latency"])
    #expect(classes.allSatisfy { $0.steps.count == 4 && $0.runbook == "/docs/runbooks/\($0.name).md" })
    #expect(classes[0].steps.first == "Check recent deployments")
    #expect(classes[1].steps.last == "Restart pods if needed")
    #expect(classes[2].steps[2] == "Check AI inference duration")
  }

  @Test func everyAlertFindsATeam() throws {
    #expect(shipped.intake.defaultTeam == "platform")
    #expect(shipped.intake.defaultPolicy == "platform")
    #expect(Set(shipped.intake.services.map(\.name)).isSuperset(of: ["aion-web-api", "aion-ai-inference", "postgres"]))
    #expect(shipped.intake.services.allSatisfy { $0.team == "platform" && $0.policy == "platform" })
    let labels = [Label(name: "namespace", value: "aion-production")]
    #expect(
      shipped.intake.routes == [Route(name: "production", labels: labels, team: "platform", policy: "platform")])
  }

  @Test func everybodyIsPagedByPushThenSMSThenCall() throws {
    #expect(
      shipped.notification.defaultRules == [
        PersonalRule(after: .zero, channel: "push"), PersonalRule(after: .minutes(2), channel: "sms"),
        PersonalRule(after: .minutes(5), channel: "voice"),
      ])
    #expect(shipped.notification.contacts.map(\.person) == shipped.schedule.people.map(\.id))
    #expect(shipped.notification.contacts.map(\.name) == shipped.schedule.people.map(\.name))
    for contact in shipped.notification.contacts {
      #expect(contact.methods.map(\.channel) == ["push", "sms", "voice", "email", "slack"])
    }
    #expect(shipped.notification.channels.allSatisfy { $0.provider == "console" })
    #expect(shipped.notification.channels.map(\.channel).contains("*"))
    #expect(
      shipped.notification.watch
        == Watch(
          people: ["tara", "mia"], channel: "#platform-alerts", missingAfter: .minutes(1),
          severities: [.sev1, .sev2, .sev3], syntheticLostAfter: .minutes(3), stormCovers: .minutes(70)))
    #expect(shipped.intake.syntheticEvery == .minutes(1))
  }

  /// "Phone (emergencies only)", "Phone (SEV-1 only)", and no such words beside anybody else.
  @Test func phonesAreKeptForWhatTheContactListSays() {
    let kept = Dictionary(uniqueKeysWithValues: shipped.notification.contacts.map { ($0.person, $0.onlyFor) })
    for (person, severities) in [("mia", [Severity.sev1, .sev2]), ("vera", [.sev1])] {
      #expect(kept[person] == ["sms", "voice"].map { ContactRule(channel: $0, severities: severities) })
    }
    #expect(kept.filter { !$0.value.isEmpty }.count == 2)
  }
}

extension Severity {
  /// From worst to mildest.
  static let graded: [Severity] = [.sev1, .sev2, .sev3, .sev4]
}
