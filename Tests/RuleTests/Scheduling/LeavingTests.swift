import Messages
import Scheduling
import Testing

/// Requirement S12: somebody leaves, and no hole opens.
@Suite struct LeavingTests {
  private func leaving(_ person: String, _ scheduler: Scheduler) throws -> LeavingReply {
    try scheduler.rules.showLeaving(LeavingRequest(person: person), now: scheduler.now)
  }

  /// The shipped team without somebody.
  private func without(_ person: String) -> ScheduleConfiguration {
    var configuration = ScheduleConfiguration.platform()
    configuration.people.removeAll { $0.id == person }
    configuration.training.removeAll { $0.person == person }
    for index in configuration.rotations.indices { configuration.rotations[index].members.removeAll { $0 == person } }
    return configuration
  }

  @Test func allThatNamesThemIsShownAndMustBeArrangedBeforeTheyGo() throws {
    var scheduler = try Scheduler(.platform(), at: .utc("2026-11-25"))
    let person = try #require(
      ScheduleConfiguration.engineers.first { name in (try? leaving(name, scheduler).held.isEmpty) == false })
    let named = try leaving(person, scheduler)
    #expect(!named.mayLeave && named.rotations.contains("primary") && named.roles.isEmpty)
    for item in named.held {
      let shift = try #require(item.shift)
      let holder = try scheduler.rules.onCall(
        OnCallRequest(team: item.team, tier: shift.tier, at: max(shift.fromAt, scheduler.now)), now: scheduler.now)
      #expect(holder.shifts.first?.person == person)
    }
    #expect(throws: Refusal.self) { try scheduler.configure(without(person)) }
    for item in named.held {
      let shift = try #require(item.shift)
      let other = try #require(
        ScheduleConfiguration.engineers.first { name in
          name != person
            && (try? scheduler.override(
              name, tier: shift.tier, from: max(shift.fromAt, scheduler.now), until: shift.untilAt)) != nil
        })
      #expect(other != person)
    }
    let later = try leaving(person, scheduler)
    #expect(later.held.isEmpty && later.mayLeave)
    try scheduler.configure(without(person))
    #expect(throws: Refusal.self) { try leaving(person, scheduler) }
  }

  @Test func rolesAreNamed() throws {
    let scheduler = try Scheduler(.platform(), at: .utc("2026-11-25"))
    #expect(try leaving("tara", scheduler).roles.contains("lead of team platform"))
    #expect(throws: Refusal.self) { try leaving("nobody", scheduler) }
  }
}
