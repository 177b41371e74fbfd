import CivilTime
import Configuration
import Foundation
import Messages
import Simulation
import Wire

/// The shipped configuration and this machine's tz database: what scenarios and seeds run on.
enum ShippedCluster {
  static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  static let zones: TimeZones = {
    let schedule = configuration.schedule
    let names = Set(schedule.people.map(\.timeZone) + schedule.teams.compactMap { $0.calendar?.timeZone })
    var rules: [String: TimeZoneRules] = [:]
    for name in names {
      guard let file = FileManager.default.contents(atPath: "/usr/share/zoneinfo/\(name)") else { continue }
      rules[name] = try? TimeZoneRules(tzif: [UInt8](file))
    }
    return TimeZones(rules)
  }()

  static let configuration: ClusterConfiguration = {
    do {
      return try ClusterConfiguration(
        reading: SourceFile.gather([repository.appendingPathComponent("compose/config").path]))
    } catch {
      fatalError("compose/config can't be read: \(error)")
    }
  }()

  static let slices = Slices(
    intake: configuration.intake.encoded(), schedule: configuration.schedule.encoded(),
    escalation: configuration.escalation.encoded(), notification: configuration.notification.encoded())

  static let people = configuration.schedule.people.map(\.id)
}
