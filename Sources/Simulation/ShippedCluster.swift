import CivilTime
import Configuration
import Foundation
import Messages
import Wire

/// The shipped configuration and this machine's tz database: what scenarios and seeds run on.
public struct ShippedCluster: Sendable {
  public let slices: Slices
  public let zones: TimeZones
  public let people: [String]

  /// - Parameter repository: the folder that holds `compose/config`.
  public init(repository: URL) throws {
    let configuration = try ClusterConfiguration(
      reading: SourceFile.gather([repository.appendingPathComponent("compose/config").path]))
    let schedule = configuration.schedule
    slices = Slices(
      intake: configuration.intake.encoded(), schedule: schedule.encoded(),
      escalation: configuration.escalation.encoded(), notification: configuration.notification.encoded())
    people = schedule.people.map(\.id)
    let names = Set(schedule.people.map(\.timeZone) + schedule.teams.compactMap { $0.calendar?.timeZone })
    var rules: [String: TimeZoneRules] = [:]
    for name in names {
      guard let file = FileManager.default.contents(atPath: "/usr/share/zoneinfo/\(name)") else { continue }
      rules[name] = try TimeZoneRules(tzif: [UInt8](file))
    }
    zones = TimeZones(rules)
  }

  /// Plays a scenario that says where its clock begins, `# at 2026-11-25T03:00:00Z`, and may say
  /// `# pages are answered by their channels`, `# there are two intakes` or `# the scheduler is out of reach`.
  ///
  /// - Returns: the transcript, and what was not as promised.
  public func play(_ scenario: String) throws -> (transcript: String, violations: [String]) {
    let line = scenario.split(separator: "\n").first { $0.hasPrefix("# at ") }
    guard let start = line.flatMap({ Instant(rfc3339: String($0.dropFirst(5))) }) else {
      throw Refusal(.invalidArgument, "a scenario says where its clock begins: # at 2026-11-25T03:00:00Z")
    }
    let player = ScenarioPlayer(
      slices: slices, zones: zones, startingAt: start,
      isAnswerable: scenario.contains("\n# pages are answered by their channels\n"),
      intakes: scenario.contains("\n# there are two intakes\n") ? 2 : 1,
      hasSchedule: !scenario.contains("\n# the scheduler is out of reach\n"))
    return player.play(scenario)
  }

  public var campaign: Campaign { Campaign(slices: slices, zones: zones, people: people) }
}
