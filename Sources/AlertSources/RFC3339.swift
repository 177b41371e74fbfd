import Messages

/// Reads the time stamps of alert sources: RFC 3339, with any number of decimals, `Z` or an offset.
public enum RFC3339 {
  /// Cut to whole milliseconds; nil when the text is no time stamp.
  public static func instant(_ text: String) -> Instant? {
    var rest = Substring(text)
    func number(_ digits: Int) -> Int64? {
      let taken = rest.prefix(digits)
      guard taken.count == digits, taken.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
      rest = rest.dropFirst(digits)
      return Int64(taken)
    }
    func skip(_ marks: Set<Character>) -> Character? {
      guard let mark = rest.first, marks.contains(mark) else { return nil }
      rest = rest.dropFirst()
      return mark
    }
    guard let year = number(4), skip(["-"]) != nil, let month = number(2), skip(["-"]) != nil, let day = number(2),
      skip(["T", "t", " "]) != nil, let hour = number(2), skip([":"]) != nil, let minute = number(2),
      skip([":"]) != nil, let second = number(2), (1...12).contains(month), day >= 1,
      day <= length(ofMonth: month, year), hour < 24, minute < 60, second <= 60
    else { return nil }
    var milliseconds: Int64 = 0
    if skip(["."]) != nil {
      let digits = rest.prefix { ("0"..."9").contains($0) }
      guard !digits.isEmpty else { return nil }
      rest = rest.dropFirst(digits.count)
      milliseconds = Int64((digits + "00").prefix(3)) ?? 0
    }
    var offset: Int64 = 0
    switch skip(["Z", "z", "+", "-"]) {
    case "Z", "z": break
    case let sign?:
      guard let hours = number(2) else { return nil }
      _ = skip([":"])  // the Events API's senders leave it out
      guard let minutes = number(2), hours < 24, minutes < 60 else { return nil }
      offset = (hours * 60 + minutes) * (sign == "-" ? -1 : 1)
    case nil: return nil
    }
    guard rest.isEmpty else { return nil }
    let seconds = days(year, month, day) * 86_400 + hour * 3_600 + (minute - offset) * 60 + second
    return Instant(milliseconds: seconds * 1_000 + milliseconds)
  }

  private static func length(ofMonth month: Int64, _ year: Int64) -> Int64 {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Days since 1970-01-01 in the proleptic Gregorian calendar (Hinnant, "chrono-compatible date algorithms").
  private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
    let year = month <= 2 ? year - 1 : year
    let era = (year >= 0 ? year : year - 399) / 400
    let yearOfEra = year - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }
}
