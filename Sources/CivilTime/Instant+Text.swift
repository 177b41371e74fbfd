import Messages

/// Instants as text: RFC 3339 for machines, a short form for people.
extension Instant {
  /// Reads RFC 3339: `2026-11-24T03:02:00Z`, with a fraction or an offset where given; digits past the millisecond are cut.
  public init?(rfc3339 text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count >= 20, let date = CivilDate(String(text.prefix(10))),
      bytes[10] == UInt8(ascii: "T") || bytes[10] == UInt8(ascii: "t") || bytes[10] == UInt8(ascii: " "),
      let (hour, minute) = Self.hourAndMinute(bytes[11..<16]), bytes[16] == UInt8(ascii: ":"),
      let second = Digits.number(bytes[17..<19]), second < 60
    else { return nil }
    var rest = bytes[19...]
    var fraction = 0
    if rest.first == UInt8(ascii: ".") {
      let digits = rest.dropFirst().prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
      guard !digits.isEmpty, let value = Digits.number((Array(digits.prefix(3)) + [48, 48, 48])[0..<3]) else {
        return nil
      }
      fraction = value
      rest = rest.dropFirst(1 + digits.count)
    }
    guard let offset = Self.offset(rest) else { return nil }
    let seconds = date.daysSinceEpoch * 86_400 + hour * 3_600 + minute * 60 + second - offset
    self.init(milliseconds: Int64(seconds) * 1_000 + Int64(fraction))
  }

  /// `2026-11-24T03:02:00Z`, with milliseconds when there are any.
  public var rfc3339: String { rfc3339(in: .utc) }

  /// `2026-11-24T04:02:00+01:00`; offsets that aren't whole minutes (before 1972) are written as UTC.
  public func rfc3339(in zone: TimeZoneRules) -> String {
    let offset = zone.offset(at: self)
    guard offset % 60 == 0 else { return rfc3339 }
    let local = LocalTime(millisecondsSinceEpoch: milliseconds + Int64(offset) * 1_000)
    let time = [local.hour, local.minute, local.second].map { Digits.padded($0, 2) }.joined(separator: ":")
    let fraction = local.millisecond == 0 ? "" : "." + Digits.padded(local.millisecond, 3)
    let minutes = abs(offset) / 60
    let suffix =
      offset == 0
      ? "Z" : "\(offset < 0 ? "-" : "+")\(Digits.padded(minutes / 60, 2)):\(Digits.padded(minutes % 60, 2))"
    return "\(local.date)T\(time)\(fraction)\(suffix)"
  }

  /// "Mon 24 Nov 03:02 UTC": the form for people, with the zone's abbreviation.
  public func short(in zone: TimeZoneRules = .utc) -> String {
    "\(zone.local(self).short) \(zone.abbreviation(at: self))"
  }

  private static func hourAndMinute(_ bytes: ArraySlice<UInt8>) -> (Int, Int)? {
    let first = bytes.startIndex
    guard bytes.count == 5, bytes[first + 2] == UInt8(ascii: ":"),
      let hour = Digits.number(bytes[first..<first + 2]), hour < 24,
      let minute = Digits.number(bytes[first + 3..<first + 5]), minute < 60
    else { return nil }
    return (hour, minute)
  }

  /// Seconds east of UTC.
  private static func offset(_ bytes: ArraySlice<UInt8>) -> Int? {
    switch bytes.first {
    case UInt8(ascii: "Z"), UInt8(ascii: "z"): return bytes.count == 1 ? 0 : nil
    case UInt8(ascii: "+"), UInt8(ascii: "-"):
      guard let (hour, minute) = hourAndMinute(bytes.dropFirst()) else { return nil }
      return (bytes.first == UInt8(ascii: "-") ? -1 : 1) * (hour * 3_600 + minute * 60)
    default: return nil
    }
  }
}
