import Messages

/// What limits must be to be taken (requirement N5).
extension NotificationConfiguration {
  func checkLimits() throws(Refusal) {
    try Self.check(limits, "limits")
    for (index, contact) in contacts.enumerated() { try Self.check(contact.limits, "contacts[\(index)].limits") }
    for (index, route) in channels.enumerated() {
      try Self.check(route.rate, "channels[\(index)].rate")
      try Self.check(route.second?.rate, "channels[\(index)].second.rate")
    }
  }

  private static func check(_ limits: PageLimits?, _ field: String) throws(Refusal) {
    guard let limits, !(1...60 ~= limits.pagesPerMinute) else { return }
    throw .invalid("\(field).pages_per_minute", "must be from 1 to 60")
  }

  /// A millisecond is the shortest that rules know.
  private static func check(_ rate: Rate?, _ field: String) throws(Refusal) {
    guard let rate else { return }
    guard Span.seconds(1)...Span.hours(1) ~= rate.per else {
      throw .invalid("\(field).per_ms", "must be from 1 s to 1 h")
    }
    guard rate.messages >= 1, Int64(rate.messages) <= rate.per.milliseconds else {
      throw .invalid("\(field).messages", "must be at least 1, and at most one in a millisecond")
    }
  }
}
