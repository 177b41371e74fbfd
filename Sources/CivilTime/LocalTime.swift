import Messages

/// What a clock and a calendar on the wall show, somewhere: a date and a time without a zone.
public struct LocalTime: Hashable, Comparable, Sendable {
  public var date: CivilDate
  /// 0 ..< 86,400,000
  public var millisecondOfDay: Int64

  /// Minutes past the end of the day run into the next: minute 1,440 is the next midnight.
  public init(_ date: CivilDate, minute: Int) {
    self.init(millisecondsSinceEpoch: Int64(date.daysSinceEpoch) * 86_400_000 + Int64(minute) * 60_000)
  }

  public init(_ date: CivilDate, hour: Int, minute: Int, second: Int = 0) {
    self.init(
      millisecondsSinceEpoch: Int64(date.daysSinceEpoch) * 86_400_000 + Int64(hour * 3_600 + minute * 60 + second)
        * 1_000)
  }

  /// Counted as if the clock on the wall showed UTC.
  public init(millisecondsSinceEpoch milliseconds: Int64) {
    let days = CivilDate.floorDivide(Int(milliseconds), 86_400_000)
    date = CivilDate(daysSinceEpoch: days)
    millisecondOfDay = milliseconds - Int64(days) * 86_400_000
  }

  public var millisecondsSinceEpoch: Int64 { Int64(date.daysSinceEpoch) * 86_400_000 + millisecondOfDay }
  public var hour: Int { Int(millisecondOfDay / 3_600_000) }
  public var minute: Int { Int(millisecondOfDay / 60_000 % 60) }
  public var second: Int { Int(millisecondOfDay / 1_000 % 60) }
  public var millisecond: Int { Int(millisecondOfDay % 1_000) }
  public var minuteOfDay: Int { Int(millisecondOfDay / 60_000) }

  /// "Mon 24 Nov 03:02", for people who know which year it is.
  public var short: String {
    "\(date.weekday.short) \(date.day) \(MonthNames.short[date.month - 1]) \(Digits.padded(hour, 2)):\(Digits.padded(minute, 2))"
  }

  public static func < (left: LocalTime, right: LocalTime) -> Bool {
    left.millisecondsSinceEpoch < right.millisecondsSinceEpoch
  }
}
