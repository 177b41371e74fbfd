import Messages

/// Spans, times of day, weekdays, dates and zones.
extension Field {
  /// `5m`, `1h 30m`, `2d`, `90s`; `0m` where that makes sense.
  func span(atLeast: Span = .seconds(1), atMost: Span = .days(366)) -> Span? {
    let expected = "a span such as 5m, 1h 30m or 2d"
    guard let text = scalar(expected) else { return nil }
    guard let span = SpanText.span(text) else {
      complain(expected: expected)
      return nil
    }
    guard span >= atLeast, span <= atMost else {
      let most = atMost < .days(1) ? "\(atMost.milliseconds / 3_600_000)h" : "\(atMost.milliseconds / 86_400_000)d"
      complain(expected: "a span from \(atLeast.milliseconds / 1_000)s to \(most)")
      return nil
    }
    return span
  }

  /// A span or one of some words that stand in its place.
  func span<Value>(or words: [(word: String, value: Value)], _ wrap: (Span) -> Value) -> Value? {
    let expected = "a span such as 5m, 1h 30m or 2d, or: \(words.map(\.word).joined(separator: ", "))"
    guard let text = scalar(expected) else { return nil }
    if let match = words.first(where: { $0.word == text.lowercased() }) { return match.value }
    guard text.first?.isNumber == true else {
      complain(expected: expected, suggestion: NearestName.to(text, among: words.map(\.word)))
      return nil
    }
    return span().map(wrap)
  }

  /// `09:00`, as minutes after midnight.
  func timeOfDay() -> UInt32? {
    let expected = "a time of day such as 09:00"
    guard let text = scalar(expected) else { return nil }
    guard let minute = Field.minute(text), minute < 1_440 else {
      complain(expected: expected)
      return nil
    }
    return minute
  }

  /// `09:00-17:00`; the end may be 24:00.
  func hours() -> (from: UInt32, until: UInt32)? {
    let expected = "hours such as 09:00-17:00, the end after the start"
    guard let text = scalar(expected) else { return nil }
    let ends = text.split(separator: "-", omittingEmptySubsequences: false)
    guard ends.count == 2, let from = Field.minute(String(ends[0])), let until = Field.minute(String(ends[1])),
      from < until
    else {
      complain(expected: expected)
      return nil
    }
    return (from, until)
  }

  static func minute(_ text: String) -> UInt32? {
    let parts = text.filter { $0 != " " }.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, (1...2).contains(parts[0].count), parts[1].count == 2, let hour = UInt32(parts[0]),
      let minute = UInt32(parts[1]), minute < 60, hour < 24 || (hour == 24 && minute == 0)
    else { return nil }
    return hour * 60 + minute
  }

  /// `Monday`, as 1 to 7.
  func weekday() -> UInt32? {
    choice("a weekday", Field.weekdays.enumerated().map { ($1, UInt32($0 + 1)) })
  }

  /// `Monday-Friday`, or a list of weekdays.
  func weekdays() -> [UInt32]? {
    if case .sequence = node {
      return list(of: "weekdays") { $0.weekday() }.map { Array(Set($0)).sorted() }
    }
    let expected = "weekdays such as Monday-Friday or [Monday, Tuesday]"
    guard let text = scalar(expected) else { return nil }
    let names = text.split(separator: "-").map { $0.filter { $0 != " " }.lowercased() }
    let days = names.map { name in Field.weekdays.firstIndex { $0.lowercased() == name } }
    guard (1...2).contains(names.count), let first = days[0], let last = days[days.count - 1] else {
      let wrong = zip(names, days).first { $0.1 == nil }?.0 ?? ""
      complain(expected: expected, suggestion: NearestName.to(wrong, among: Field.weekdays))
      return nil
    }
    let length = (last - first + 7) % 7
    return (0...length).map { UInt32((first + $0) % 7 + 1) }.sorted()
  }

  private static let weekdays = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]

  /// `Monday 00:00`.
  func weeklyHandoff() -> (weekday: UInt32, minute: UInt32)? {
    let expected = "a weekday and a time such as Monday 00:00"
    guard let text = scalar(expected) else { return nil }
    let parts = text.split(separator: " ").map(String.init)
    let day = parts.first.flatMap { name in Field.weekdays.firstIndex { $0.lowercased() == name.lowercased() } }
    guard parts.count == 2, let day, let minute = Field.minute(parts[1]), minute < 1_440 else {
      complain(
        expected: expected,
        suggestion: day == nil ? parts.first.flatMap { NearestName.to($0, among: Field.weekdays) } : nil)
      return nil
    }
    return (UInt32(day + 1), minute)
  }

  /// A date that exists, as it was written: `2026-12-25`.
  func date() -> String? {
    let expected = "a date such as 2026-12-25"
    guard let text = scalar(expected) else { return nil }
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.map(\.count) == [4, 2, 2], let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2]),
      (1970...9_999).contains(year), (1...12).contains(month), (1...Field.days(in: month, of: year)).contains(day)
    else {
      complain(expected: expected)
      return nil
    }
    return text
  }

  private static func days(in month: Int, of year: Int) -> Int {
    switch month {
    case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// An IANA name that the machine's tz database has.
  func timeZone() -> String? {
    let expected = "an IANA time zone such as Europe/Berlin or UTC"
    guard let text = scalar(expected) else { return nil }
    guard draft.zones.knows(text) else {
      complain(expected: expected, suggestion: draft.zones.nearest(to: text))
      return nil
    }
    return text
  }
}
