import CivilTime
import Foundation
import Messages

/// Instants as the clocks of a team show them, whatever zone the reader is in.
struct TeamTimes {
  let zone: TimeZoneRules
  let name: String

  /// A zone that this machine doesn't know is shown in UTC, and that is said.
  init(_ name: String, isUTC: Bool) {
    guard !isUTC, !name.isEmpty, name != "UTC" else {
      zone = .utc
      self.name = "UTC"
      return
    }
    // The name comes from outside: it must not lead out of the database's folder.
    let isPlain = name.split(separator: "/", omittingEmptySubsequences: false).allSatisfy {
      !$0.isEmpty && !$0.hasPrefix(".")
    }
    if isPlain, let file = FileManager.default.contents(atPath: "/usr/share/zoneinfo/\(name)"),
      let rules = try? TimeZoneRules(tzif: [UInt8](file))
    {
      zone = rules
      self.name = SafeText.line(name)
    } else {
      Failure.say("this machine doesn't know the time zone \(name): times are in UTC")
      zone = .utc
      self.name = "UTC"
    }
  }

  var isUTC: Bool { name == "UTC" }

  func short(_ instant: Instant) -> String {
    guard instant.isSet else { return "-" }
    return instant < .distantFuture ? zone.local(instant).short : "open end"
  }

  func week(_ instant: Instant) -> String { "W\(zone.local(instant).date.isoWeek)" }

  /// Seven days later at the same local time.
  func aWeek(after instant: Instant) -> Instant {
    let local = zone.local(instant)
    return zone.instant(of: LocalTime(local.date.adding(days: 7), minute: local.minuteOfDay))
  }
}
