import AlertSources
import Configuration
import Foundation
import Messages

/// Instants in the reader's time zone, or in UTC when asked for (requirement A5).
struct Times: Sendable {
  var isUTC: Bool
  let now: Instant

  init(isUTC: Bool) {
    self.isUTC = isUTC
    now = Instant(milliseconds: Int64(Date().timeIntervalSince1970 * 1_000))
    tzset()
  }

  /// `2026-11-24 03:02:11 CET`; a dash for an instant that wasn't given.
  func full(_ instant: Instant) -> String {
    instant.isSet ? "\(format(instant, "%Y-%m-%d %H:%M:%S")) \(zone(instant))" : "-"
  }

  /// `2026-11-24T02:02:11Z`, for files that another program reads; empty for an instant that wasn't given.
  static func utc(_ instant: Instant) -> String {
    instant.isSet ? Times(isUTC: true).format(instant, "%Y-%m-%dT%H:%M:%SZ") : ""
  }

  /// `Mon 24 Nov 03:02`, for tables whose heading names the zone.
  func short(_ instant: Instant) -> String {
    instant.isSet ? format(instant, "%a %d %b %H:%M") : "-"
  }

  /// `Tue 24 Nov 2026`.
  func day(_ instant: Instant) -> String {
    instant.isSet ? format(instant, "%a %d %b %Y") : "-"
  }

  /// As `short`, for ends: some never come.
  func end(_ instant: Instant) -> String {
    instant < .distantFuture ? short(instant) : "open end"
  }

  /// `03:02:11`.
  func clock(_ instant: Instant) -> String {
    instant.isSet ? format(instant, "%H:%M:%S") : "-"
  }

  /// `in 5m`, `3h ago`.
  func relative(_ instant: Instant) -> String {
    guard instant.isSet else { return "-" }
    let span = instant - now
    if abs(span.milliseconds) < 1_000 { return "now" }
    return span > .zero ? "in \(SpanText.text(span))" : "\(SpanText.text(span)) ago"
  }

  /// The zone's short name now: `CET`.
  var zone: String { zone(now) }

  private func zone(_ instant: Instant) -> String {
    isUTC ? "UTC" : format(instant, "%Z")
  }

  private func format(_ instant: Instant, _ pattern: String) -> String {
    var seconds = time_t(instant.milliseconds / 1_000)
    var parts = tm()
    if isUTC { gmtime_r(&seconds, &parts) } else { localtime_r(&seconds, &parts) }
    var text = [CChar](repeating: 0, count: 64)
    let length = strftime(&text, text.count, pattern, &parts)
    return String(decoding: text.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// What a person typed as a time; nil when it is none.
  func instant(_ text: String) -> Instant? {
    if text == "now" { return now }
    if let sign = text.first, sign == "+" || sign == "-", let span = SpanText.span(String(text.dropFirst())) {
      return sign == "+" ? now + span : now - span
    }
    if let instant = RFC3339.instant(text) { return instant }
    // In UTC first, which checks the form; then as civil time of the reader.
    let full = text.count == 10 ? text + "T00:00:00" : text.count == 16 ? text + ":00" : text
    guard let asUTC = RFC3339.instant(full + "Z") else { return nil }
    if isUTC { return asUTC }
    var seconds = time_t(asUTC.milliseconds / 1_000)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    parts.tm_isdst = -1
    return Instant(milliseconds: Int64(mktime(&parts)) * 1_000)
  }
}
