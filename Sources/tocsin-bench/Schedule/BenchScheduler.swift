import Bus
import Foundation
import Messages
import Wire

/// The real scheduler in a directory of its own, with many teams.
final class BenchScheduler {
  private let tiers: TierOptions
  private let place: Place
  private let endpoint: String
  private let connection: Connection
  private var process: ChildProcess
  private let teams: Int
  private var configuration = ScheduleConfiguration()

  static let peopleInATeam = 10

  init(_ tiers: TierOptions, teams: Int) throws {
    self.tiers = tiers
    self.teams = teams
    place = try Place(in: tiers.on)
    endpoint = "tcp://127.0.0.1:\(try Place.freePort())"
    process = try Self.start(tiers, place, endpoint)
    connection = try Connection(on: PollThread(name: "operator"), endpoint: endpoint)
  }

  func end() {
    process.kill()
    place.remove()
  }

  /// People with all their training first, then the rotations: one call holds a megabyte at most.
  func configure() async throws {
    let everyone = (0..<teams).flatMap(Self.people)
    configuration = ScheduleConfiguration(people: everyone, teams: (0..<teams).map(Self.team))
    let items = TrainingItem.allCases.filter { $0 != .unspecified }
    for item in items {
      configuration.training = everyone.map { TrainingRecord(person: $0.id, item: item, completedOn: "2025-01-06") }
      try await apply()
    }
    configuration.training = []
    configuration.rotations = (0..<teams).flatMap(Self.rotations)
    try await apply()
  }

  /// Asks so often, each answer beginning the next question.
  func ask(_ times: Int, inFlight: Int) async throws -> CallRun {
    let connection = connection
    let now = Self.now()
    let teams = teams
    let began = PollThread.now()
    let latencies = try await withThrowingTaskGroup(of: [UInt64].self) { group in
      for _ in 0..<inFlight {
        group.addTask(executorPreference: connection.executor) {
          var latencies: [UInt64] = []
          for _ in 0..<times / inFlight {
            let request = OnCallRequest(
              team: "team-\(Int.random(in: 0..<teams))", tier: UInt32.random(in: 1...2),
              at: now + .seconds(Int64.random(in: 0..<365 * 86_400)))
            let asked = PollThread.now()
            let reply = try await connection.call(ScheduleMethods.onCall, request, timeout: .seconds(30))
            guard reply.shifts.first?.person.isEmpty == false else { throw BenchFailure("nobody is on call") }
            latencies.append(PollThread.now() - asked)
          }
          return latencies
        }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    return CallRun(latencies, took: PollThread.now() - began)
  }

  /// Nanoseconds that each override took until it was durable.
  func override(_ times: Int) async throws -> [UInt64] {
    var latencies: [UInt64] = []
    for number in 0..<times {
      let begins = Self.now() + .days(1 + Int64(number))
      let request = OverrideRequest(
        team: "team-\(number * 7 % teams)", tier: 1, person: Self.person(number * 7 % teams, 3), fromAt: begins,
        untilAt: begins + .hours(4), reason: "bench", by: "operator")
      let began = PollThread.now()
      _ = try await connection.call(
        ScheduleMethods.addOverride, request, timeout: .seconds(60), identity: .key(IdempotencyKey.make()))
      latencies.append(PollThread.now() - began)
    }
    return latencies
  }

  /// Nanoseconds that each configuration took in which one rotation has another order.
  func edit(_ times: Int) async throws -> [UInt64] {
    var latencies: [UInt64] = []
    for number in 0..<times {
      configuration.rotations[number * 2 % configuration.rotations.count].members.swapAt(0, 1)
      latencies.append(try await apply())
    }
    return latencies
  }

  /// Kills it; the seconds from its start to its first SERVING.
  func restart() async throws -> Double {
    process.kill()
    let began = PollThread.now()
    process = try Self.start(tiers, place, endpoint)
    return try await connection.serving(since: began)
  }

  @discardableResult
  private func apply() async throws -> UInt64 {
    let began = PollThread.now()
    _ = try await connection.call(
      ScheduleMethods.configure, configuration, timeout: .seconds(120), identity: .key(IdempotencyKey.make()))
    return PollThread.now() - began
  }

  private static func start(_ tiers: TierOptions, _ place: Place, _ endpoint: String) throws -> ChildProcess {
    try ChildProcess(
      tiers.executable("scheduler"),
      [
        "--insecure-loopback", "--listen", endpoint, "--data", "\(place.directory)/scheduler", "--log-level", "warning",
      ],
      log: "\(place.directory)/scheduler.log")
  }

  private static func now() -> Instant { Instant(milliseconds: Int64(Date().timeIntervalSince1970 * 1_000)) }

  private static func person(_ team: Int, _ number: Int) -> String { "p-\(team)-\(number)" }

  private static func people(_ team: Int) -> [Person] {
    (0..<peopleInATeam).map {
      Person(id: person(team, $0), name: "Person \(team) \($0)", team: "team-\(team)", role: .engineer, timeZone: "UTC")
    }
  }

  private static func team(_ team: Int) -> Team {
    Team(
      id: "team-\(team)", name: "Team \(team)",
      calendar: Calendar(
        timeZone: "UTC", workFromMinute: 540, workUntilMinute: 1_020, workWeekdays: [1, 2, 3, 4, 5]),
      lead: person(team, 0))
  }

  private static func rotations(_ team: Int) -> [Rotation] {
    let members = (0..<peopleInATeam).map { person(team, $0) }
    let primary = Rotation(
      id: "team-\(team)-primary", team: "team-\(team)", tier: 1, members: members, unit: .weeks, length: 1,
      shiftsPerTurn: 1, timeZone: "UTC", handoffWeekday: 1, startDate: "2026-01-05")
    var secondary = primary
    secondary.id = "team-\(team)-secondary"
    secondary.tier = 2
    secondary.follows = primary.id
    secondary.members = []
    return [primary, secondary]
  }
}
