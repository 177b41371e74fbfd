import CivilTime
import Messages

/// iCalendar as text (RFC 5545): properties a line each, folded at 75 octets, ended by CRLF.
struct CalendarText {
  static let octetsInALine = 75

  private(set) var text = ""

  /// A property whose value needs no escapes: a time, a number, a word of the format.
  mutating func add(_ name: String, _ value: String) { fold("\(name):\(value)") }

  /// A property whose value is written for people.
  mutating func addWords(_ name: String, _ words: String) { fold("\(name):\(Self.escaped(words))") }

  /// "20261207T000000Z"; a fraction of a second is cut.
  static func time(_ instant: Instant) -> String {
    let seconds = Instant(milliseconds: instant.milliseconds - instant.milliseconds % 1_000)
    return seconds.rfc3339.filter { $0 != "-" && $0 != ":" }
  }

  /// TEXT of RFC 5545, 3.3.11; other control characters have no place in it, nor what readers don't see.
  static func escaped(_ words: String) -> String {
    var text = ""
    for character in words.unicodeScalars {
      switch character {
      case "\\", ";", ",": text += "\\\(character)"
      case "\n": text += "\\n"
      case _ where character.isHidden: continue
      default: text.unicodeScalars.append(character)
      }
    }
    return text
  }

  /// A line goes on in the next one behind a space; no character is torn apart.
  private mutating func fold(_ line: String) {
    var octets = 0
    for character in line.unicodeScalars {
      let size = UTF8.width(character)
      if octets + size > Self.octetsInALine {
        text += "\r\n "
        octets = 1
      }
      text.unicodeScalars.append(character)
      octets += size
    }
    text += "\r\n"
  }
}
