/// Hours of the day as people write them: `09:00-17:00`, or past midnight `22:00-07:00`.
public enum HoursText {
  /// In minutes of the day, the end up to 1,440; nil unless they are two different times of the day.
  public static func minutes(_ text: String) -> (from: UInt32, until: UInt32)? {
    let ends = text.split(separator: "-").map { Field.minute($0.filter { $0 != " " }) }
    guard ends.count == 2, let from = ends[0], let until = ends[1], from != until, from < 1_440 else { return nil }
    return (from, until)
  }
}
