import CivilTime
import Messages

/// Instants as the reader's clock on the wall shows them.
struct ReaderTime {
  let zone: TimeZoneRules
  let now: Instant

  /// "18:00", "tomorrow 09:00", "Mon 7 Dec 09:00".
  func short(_ instant: Instant) -> String {
    guard instant.isSet else { return "" }
    guard instant < .distantFuture else { return "open end" }
    let (there, here) = (zone.local(instant), zone.local(now))
    switch there.date.daysSinceEpoch - here.date.daysSinceEpoch {
    case 0: return clock(there)
    case 1: return "tomorrow \(clock(there))"
    case -1: return "yesterday \(clock(there))"
    default: return there.short
    }
  }

  /// "Mon 7 Dec 09:00:12"
  func full(_ instant: Instant) -> String {
    guard instant.isSet else { return "" }
    let there = zone.local(instant)
    return "\(there.short):\(Self.padded(there.second))"
  }

  /// "in 12 min", "3 h ago"
  func distance(_ instant: Instant) -> String {
    guard instant.isSet, instant < .distantFuture else { return "" }
    let span = instant - now
    if abs(span.milliseconds) < 1_000 { return "now" }
    return span > .zero ? "in \(Self.rough(span))" : "\(Self.rough(.zero - span)) ago"
  }

  /// "CET"
  var name: String { zone.abbreviation(at: now) }

  private static func rough(_ span: Span) -> String {
    let minutes = span.milliseconds / 60_000
    switch minutes {
    case 0: return "\(span.milliseconds / 1_000) s"
    case ..<120: return "\(minutes) min"
    case ..<2_880: return "\(minutes / 60) h"
    default: return "\(minutes / 1_440) days"
    }
  }

  private func clock(_ time: LocalTime) -> String { "\(Self.padded(time.hour)):\(Self.padded(time.minute))" }

  static func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
