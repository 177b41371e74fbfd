import CivilTime

/// A calendar of holidays as other programs write them (RFC 5545): each event is one whole day or several. Lives only while
/// one file is read; what is wrong in it becomes problems with the line at which it stands.
struct HolidayFile {
  private struct Event {
    let line: Int
    var first: CivilDate?
    /// The day after the last.
    var end: CivilDate?
    var days: Int?
    var isCancelled = false
    var isWrong = false
  }
  static let longestDays = 366
  private static let wholeDay = "a whole day such as DTSTART;VALUE=DATE:20261225"

  private let name: String
  private var components: [String] = []
  private var event: Event?
  private var events = 0
  private(set) var dates: [CivilDate] = []
  private(set) var problems: [Problem] = []

  init(_ file: SourceFile) {
    name = file.name
    let lines = Self.lines(of: file.text)
    for line in lines { read(line.text, at: line.number) }
    let last = lines.last?.number ?? 1
    guard problems.isEmpty else { return }
    if let open = components.last {
      complain(last, "file", expected: "END:\(open)", found: "the end of the file")
    } else if events == 0 {
      complain(last, "file", expected: "BEGIN:VCALENDAR with a VEVENT for each holiday", found: "none")
    }
  }

  /// Lines put together again where they are folded, each with the number at which it begins.
  private static func lines(of text: String) -> [(number: Int, text: String)] {
    var lines: [(number: Int, text: String)] = []
    let whole = text.first == "\u{FEFF}" ? text.dropFirst() : Substring(text)
    let parts = whole.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" || $0 == "\r" }
    for (index, part) in parts.enumerated() {
      if let first = part.first, first == " " || first == "\t", !lines.isEmpty {
        lines[lines.count - 1].text += part.dropFirst()
      } else if !part.isEmpty {
        lines.append((index + 1, String(part)))
      }
    }
    return lines
  }

  private mutating func read(_ line: String, at number: Int) {
    guard let colon = Self.colon(of: line) else {
      complain(number, "line", expected: "a property such as SUMMARY:Christmas", found: quoted(line))
      return
    }
    let property = line[..<colon].prefix { $0 != ";" }.uppercased()
    let value = String(line[line.index(after: colon)...])
    guard property == "BEGIN" || !components.isEmpty else {
      complain(number, property, expected: "BEGIN:VCALENDAR first", found: quoted(line))
      components.append("VCALENDAR")
      return
    }
    switch property {
    case "BEGIN": begin(value.uppercased(), at: number)
    case "END": end(value.uppercased(), at: number)
    default: if components.last == "VEVENT" { set(property, value, at: number) }
    }
  }

  /// The colon before the value; parameters may hold others between quotes.
  private static func colon(of line: String) -> String.Index? {
    var isQuoted = false
    return line.indices.first { index in
      if line[index] == "\"" { isQuoted.toggle() }
      return line[index] == ":" && !isQuoted
    }
  }

  private mutating func begin(_ component: String, at line: Int) {
    if components.isEmpty, component != "VCALENDAR" {
      complain(line, "BEGIN", expected: "BEGIN:VCALENDAR first", found: quoted(component))
    }
    components.append(component)
    if component == "VEVENT" { event = Event(line: line) }
  }

  private mutating func end(_ component: String, at line: Int) {
    guard components.last == component else {
      complain(line, "END", expected: "END:\(components.last ?? "")", found: quoted(component))
      return
    }
    components.removeLast()
    guard component == "VEVENT", let event else { return }
    self.event = nil
    events += 1
    guard !event.isCancelled, !event.isWrong else { return }
    guard let first = event.first else {
      complain(event.line, "VEVENT", expected: Self.wholeDay, found: "an event without DTSTART")
      return
    }
    let days = event.end.map { $0.daysSinceEpoch - first.daysSinceEpoch } ?? event.days ?? 1
    guard (1...Self.longestDays).contains(days) else {
      complain(
        event.line, "VEVENT", expected: "an end from 1 to \(Self.longestDays) days after DTSTART", found: "\(days)")
      return
    }
    dates += (0..<days).map { first.adding(days: $0) }
  }

  private mutating func set(_ property: String, _ value: String, at line: Int) {
    switch property {
    case "DTSTART":
      let first = date(value, property, at: line)
      event?.first = first
    case "DTEND":
      let end = date(value, property, at: line)
      event?.end = end
    case "DURATION":
      guard value.first == "P", let unit = value.last, unit == "D" || unit == "W",
        let count = Int(value.dropFirst().dropLast()), (1...Self.longestDays).contains(count)
      else {
        complain(line, property, expected: "whole days such as P1D", found: quoted(value))
        return
      }
      event?.days = unit == "W" ? 7 * count : count
    case "RRULE", "RDATE":
      complain(line, property, expected: "an event of its own for each holiday, none that recurs", found: quoted(value))
    case "STATUS": event?.isCancelled = value.uppercased() == "CANCELLED"
    default: break
    }
  }

  private mutating func date(_ value: String, _ property: String, at line: Int) -> CivilDate? {
    let digits = Array(value)
    let text = [digits.prefix(4), digits.dropFirst(4).prefix(2), digits.dropFirst(6)].map { String($0) }
    guard digits.count == 8, let date = CivilDate(text.joined(separator: "-")), date.year >= 1970 else {
      complain(line, property, expected: Self.wholeDay, found: quoted(value))
      return nil
    }
    return date
  }

  private mutating func complain(_ line: Int, _ field: String, expected: String, found: String) {
    event?.isWrong = true
    problems.append(
      Problem(
        place: Place(file: name, line: line, column: 1), field: Field.printable(field), expected: expected, found: found
      ))
  }

  private func quoted(_ text: String) -> String { "\"\(Field.printable(String(text.prefix(60))))\"" }
}
