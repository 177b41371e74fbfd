import Messages

/// How often people and providers are asked (requirement N5).
extension Field {
  /// `{ pages-per-minute: 5 }`
  func pageLimits() -> PageLimits? {
    fields(["pages-per-minute"])?.required("pages-per-minute")?.whole(1...60).map { PageLimits(pagesPerMinute: $0) }
  }

  /// `1/s`, `60/min` or `500/h`: so many at once, and so many within that time.
  func rate() -> Rate? {
    let units: [(word: String, span: Span)] = [("s", .seconds(1)), ("min", .minutes(1)), ("h", .hours(1))]
    let parts = node.scalar?.string.split(separator: "/", omittingEmptySubsequences: false).map(String.init) ?? []
    guard parts.count == 2, let messages = UInt32(parts[0]), 1...1_000 ~= messages,
      let unit = units.first(where: { $0.word == parts[1] })
    else {
      complain(expected: "how many messages in which time, 1 to 1000, such as 1/s, 60/min or 500/h")
      return nil
    }
    return Rate(messages: messages, per: unit.span)
  }
}
