import Messages

/// Reads events as `EventLine` has them: one object, a list of them, or one a line.
///
/// What is wrong with one event of several doesn't keep the others out: those are here all the same, and what was wrong is said.
public struct PlainEvents: Hashable, Sendable {
  public var events: [Event]
  /// Where each of those stood: `[2]`, `line 3`; empty for the only one.
  public var places: [String]
  /// One for each event that was left out.
  public var wrong: [SourceError]

  /// - Parameter isLines: an object a line.
  /// - Throws: what is wrong with the only event, or with the whole.
  public init(
    reading json: [UInt8], isLines: Bool = false, source: String, severities: SeverityWords = .usual
  ) throws(SourceError) {
    (events, places, wrong) = ([], [], [])
    if isLines {
      for (index, line) in json.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated()
      where line.contains(where: { $0 != 0x20 && $0 != 0x0D && $0 != 0x09 }) {
        let place = "line \(index + 1)"
        take(place) { () throws(SourceError) in
          try EventLine.event(Given(reading: line, as: place), at: place + ", ", source, severities)
        }
      }
      return
    }
    let payload = try Given(reading: json)
    guard case .array = payload.value else {
      events.append(try EventLine.event(payload, at: "", source, severities))
      places.append("")
      return
    }
    for one in try payload.list() {
      take(one.at) { () throws(SourceError) in
        try EventLine.event(Given(one.value, at: ""), at: "\(one.at).", source, severities)
      }
    }
  }

  private mutating func take(_ place: String, _ read: () throws(SourceError) -> Event) {
    do throws(SourceError) {
      events.append(try read())
      places.append(place)
    } catch {
      wrong.append(error)
    }
  }
}
