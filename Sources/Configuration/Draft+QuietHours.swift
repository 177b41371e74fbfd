import Messages

/// When somebody's pages of SEV-3 and SEV-4 wait (requirement N1).
extension Field {
  /// `22:00-07:00`, or `{ hours: 22:00-07:00, on: Monday-Friday, zone: Europe/Berlin }`, or a list of those. Without a zone it is the
  /// person's.
  func quietHours() -> [QuietHours] {
    guard case .sequence = node else { return [quietSpan()].compactMap { $0 } }
    let hours = list(of: "quiet hours") { $0.quietSpan() } ?? []
    guard hours.count <= 7 else {
      complain(expected: "at most 7 quiet hours", found: "\(hours.count)")
      return []
    }
    return hours
  }

  private func quietSpan() -> QuietHours? {
    guard case .mapping = node else { return quietText().map { QuietHours(fromMinute: $0, untilMinute: $1) } }
    guard let fields = fields(["hours", "on", "zone"]), let hours = fields.required("hours")?.quietText() else {
      return nil
    }
    return QuietHours(
      fromMinute: hours.from, untilMinute: hours.until, weekdays: fields.optional("on")?.weekdays() ?? [],
      timeZone: fields.optional("zone")?.timeZone() ?? "")
  }

  private func quietText() -> (from: UInt32, until: UInt32)? {
    let expected = "hours of the day such as 22:00-07:00, at most 16 of them"
    guard let text = scalar(expected) else { return nil }
    guard let hours = HoursText.minutes(text),
      (hours.until + (hours.until < hours.from ? 1_440 : 0)) - hours.from <= 16 * 60
    else {
      complain(expected: expected)
      return nil
    }
    return hours
  }
}
