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

  public var campaign: Campaign { Campaign(slices: slices, zones: zones, people: people) }
}
