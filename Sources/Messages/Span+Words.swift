extension Span {
  /// In the few words that pages have room for: "5 min", "2 h", "1 h 30 min", "7 days".
  public var words: String {
    let minutes = milliseconds / 60_000
    if minutes == 0 { return "\(milliseconds / 1_000) s" }
    if minutes < 60 { return "\(minutes) min" }
    if minutes >= 2 * 1_440, minutes % 1_440 == 0 { return "\(minutes / 1_440) days" }
    return minutes % 60 == 0 ? "\(minutes / 60) h" : "\(minutes / 60) h \(minutes % 60) min"
  }
}
