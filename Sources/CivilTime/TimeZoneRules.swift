import Messages

/// What clocks in one zone show, ever: the offsets of the tz database and the rule that goes on after its table ends.
///
/// From UTC to local there is one answer. From local to UTC there may be none or two, and then this holds: a time that a
/// forward jump skips moves to the first instant after the jump; a time that occurs twice is the first of the two. So the
/// map never runs backwards, and shifts that meet in local time meet in UTC.
public struct TimeZoneRules: Hashable, Sendable {
  /// One way of keeping time: seconds east of UTC, and what people call it.
  struct Period: Hashable, Sendable {
    var offset: Int
    var isDaylightSaving: Bool
    var abbreviation: String
  }
  /// A stretch of time with one offset; the ends are seconds since the epoch.
  struct Stretch: Hashable, Sendable {
    var from: Int64
    var until: Int64
    var period: Period
  }

  /// When each period of `periods` begins, in seconds, ascending.
  var transitions: [Int64]
  /// One more than transitions: the first holds before them all.
  var periods: [Period]
  /// What holds after the last transition; without it the last period does.
  var rule: SeasonRule?

  public static let utc = TimeZoneRules(
    transitions: [], periods: [Period(offset: 0, isDaylightSaving: false, abbreviation: "UTC")], rule: nil)

  /// Seconds east of UTC.
  public func offset(at instant: Instant) -> Int { stretch(at: Self.seconds(instant)).period.offset }

  /// "CET", or "+03" where a zone has no letters.
  public func abbreviation(at instant: Instant) -> String { stretch(at: Self.seconds(instant)).period.abbreviation }

  public func local(_ instant: Instant) -> LocalTime {
    LocalTime(millisecondsSinceEpoch: instant.milliseconds + Int64(offset(at: instant)) * 1_000)
  }

  /// The instant at which clocks show this, by the rule above for gaps and overlaps.
  public func instant(of local: LocalTime) -> Instant {
    let wanted = local.millisecondsSinceEpoch
    guard !transitions.isEmpty || rule != nil else {
      return Instant(milliseconds: wanted - Int64(periods[0].offset) * 1_000)
    }
    // Offsets are below 26 h, so a stretch that holds this much earlier cannot begin after the answer.
    var stretch = stretch(at: wanted / 1_000 - 26 * 3_600)
    while true {
      let candidate = wanted - Int64(stretch.period.offset) * 1_000
      if stretch.until == .max || candidate < stretch.until * 1_000 {
        return Instant(milliseconds: stretch.from == .min ? candidate : max(candidate, stretch.from * 1_000))
      }
      stretch = self.stretch(at: stretch.until)
    }
  }

  /// The first change of offset or name after an instant; nil when there is none any more.
  public func nextTransition(after instant: Instant) -> Instant? {
    let until = stretch(at: Self.seconds(instant)).until
    return until == .max ? nil : Instant(milliseconds: until * 1_000)
  }

  func stretch(at second: Int64) -> Stretch {
    var low = 0
    var high = transitions.count
    while low < high {
      let middle = (low + high) / 2
      if transitions[middle] <= second { low = middle + 1 } else { high = middle }
    }
    let from = low == 0 ? Int64.min : transitions[low - 1]
    if low == transitions.count, let rule {
      var stretch = rule.stretch(at: second)
      stretch.from = max(stretch.from, from)
      return stretch
    }
    return Stretch(from: from, until: low == transitions.count ? .max : transitions[low], period: periods[low])
  }

  private static func seconds(_ instant: Instant) -> Int64 {
    Int64(CivilDate.floorDivide(Int(instant.milliseconds), 1_000))
  }
}
