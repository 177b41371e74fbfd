extension Rotation {
  /// Whether it covers only some weekdays or hours of its turns.
  public var isRestricted: Bool {
    1...6 ~= Set(weekdays).count || !(fromMinute == 0 && (untilMinute == 0 || untilMinute == 1_440))
  }
}
