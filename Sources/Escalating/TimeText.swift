import CivilTime
import Messages

/// Instants and spans in the few words that pages and posts have room for. UTC.
enum TimeText {
  /// "03:02 UTC"
  static func clock(_ instant: Instant) -> String {
    let minutes = (instant.milliseconds / 60_000) % 1_440
    return "\(two(minutes / 60)):\(two(minutes % 60)) UTC"
  }

  /// "03:02:10"
  static func second(_ instant: Instant) -> String { String(instant.rfc3339.dropFirst(11).prefix(8)) }

  /// "2026-12-28"
  static func date(_ instant: Instant) -> String { String(instant.rfc3339.prefix(10)) }

  /// "03:02 UTC" today, "2026-12-28 03:02 UTC" on another day.
  static func clock(_ instant: Instant, seenAt now: Instant) -> String {
    date(instant) == date(now) ? clock(instant) : "\(date(instant)) \(clock(instant))"
  }

  private static func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : String(number) }
}

extension Duty {
  var words: String {
    switch self {
    case .investigate: "investigation"
    case .firstUpdate: "first status update"
    case .nextUpdate, .unspecified: "status update"
    }
  }
}

extension Clock {
  /// What the clock will do, for `incident show` and the timeline.
  func words(rule: SeverityRule) -> String {
    switch kind {
    case .acknowledgeTarget: "reminder of the acknowledgement target"
    case .nextTier: argument > rule.topTier ? "end of the chain" : "page of tier \(argument)"
    case .restartChain: "start of the chain"
    case .acknowledgementLapse: "lapse of the acknowledgement"
    case .duty: (Duty(rawValue: argument) ?? .nextUpdate).words
    case .dutyReminder: "reminder of the \((Duty(rawValue: argument) ?? .nextUpdate).words)"
    case .age: AgeRuleID(argument).words
    case .acknowledgeMaximum: "acknowledgement maximum"
    case .snoozeEnd: "end of the snooze"
    case .forget: "move to history"
    }
  }
}
