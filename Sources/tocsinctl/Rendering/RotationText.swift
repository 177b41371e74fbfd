import CivilTime
import Messages

/// A rotation in the words of its configuration.
enum RotationText {
  /// "1 week", "2 turns of 1 week, Mon Tue 09:00-17:00"
  static func shift(_ rotation: Rotation) -> String {
    let unit =
      switch rotation.unit {
      case .hours: "hour"
      case .days: "day"
      case .weeks, .unspecified: "week"
      }
    let length = max(1, rotation.length)
    var words = "\(length) \(unit)\(length == 1 ? "" : "s")"
    if rotation.shiftsPerTurn > 1 { words = "\(rotation.shiftsPerTurn) running of \(words)" }
    let days = rotation.weekdays.compactMap { Weekday(rawValue: $0)?.short }
    if !days.isEmpty { words += ", \(days.joined(separator: " "))" }
    if rotation.fromMinute != rotation.untilMinute {
      words += ", \(clock(rotation.fromMinute))-\(clock(rotation.untilMinute))"
    }
    return words
  }

  /// "Mon 00:00 Europe/Berlin"
  static func handoff(_ rotation: Rotation) -> String {
    let day = rotation.unit == .weeks ? Weekday(rawValue: rotation.handoffWeekday).map { $0.short + " " } ?? "" : ""
    return "\(day)\(clock(rotation.handoffMinute)) \(rotation.timeZone.isEmpty ? "UTC" : rotation.timeZone)"
  }

  private static func clock(_ minute: UInt32) -> String {
    String(LocalTime(CivilDate(daysSinceEpoch: 0), minute: Int(min(minute, 1_439))).short.suffix(5))
  }
}
