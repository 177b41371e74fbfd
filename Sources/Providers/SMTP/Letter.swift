import Foundation
import Messages

/// A page as an e-mail (RFC 5322): plain text, with a Message-ID that is the same on every attempt, so that a mailbox that got it
/// twice can tell.
///
/// No words of an alert can become a header: each header is one line of printable ASCII, whatever it is made of.
struct Letter {
  let from: String
  let to: String
  let bytes: [UInt8]

  init(_ handOver: HandOver) {
    from = handOver.route.from
    to = handOver.destination
    let domain = Self.domain(of: from)
    let subject = handOver.text.split(whereSeparator: \.isNewline).first.map(String.init) ?? handOver.title
    var lines = [
      "Date: \(Self.date(handOver.at))", "From: Tocsin <\(from)>", "To: <\(to)>", "Subject: \(Self.words(subject))",
      "Message-ID: <\(Self.atom(handOver.id))@\(domain)>",
    ]
    if !handOver.incidentId.isEmpty { lines.append("References: <\(Self.atom(handOver.incidentId))@\(domain)>") }
    if handOver.isDuty, handOver.severity == .sev1 || handOver.severity == .sev2 { lines.append("X-Priority: 1") }
    lines += [
      "Auto-Submitted: auto-generated", "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8",
      "Content-Transfer-Encoding: quoted-printable", "",
    ]
    bytes = Array((lines + Self.body(handOver.text)).map { $0 + "\r\n" }.joined().utf8)
  }

  /// What comes after the @.
  static func domain(of address: String) -> String { String(address.split(separator: "@").last ?? "localhost") }

  /// "Tue, 24 Nov 2026 03:02:10 +0000"
  private static func date(_ at: Instant) -> String {
    var time = time_t(at.milliseconds / 1_000)
    var parts = tm()
    gmtime_r(&time, &parts)
    let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    func two(_ number: Int32) -> String { (number < 10 ? "0" : "") + String(number) }
    return
      "\(days[Int(parts.tm_wday)]), \(two(parts.tm_mday)) \(MonthNames.short[Int(parts.tm_mon)]) \(parts.tm_year + 1_900) "
      + "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)) +0000"
  }

  /// An id in the characters that a Message-ID may have; others become "=2f".
  private static func atom(_ id: String) -> String {
    id.utf8.reduce(into: "") { result, byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2f, 0x23, 0x5f:
        result.unicodeScalars.append(Unicode.Scalar(byte))
      default: result += "=" + String(byte, radix: 16)
      }
    }
  }

  /// Text in a header: as it is if it is plain ASCII, else in encoded words (RFC 2047) of at most 75 characters.
  private static func words(_ text: String) -> String {
    let clean = cleaned(text)
    guard !clean.unicodeScalars.allSatisfy({ $0.isASCII }) || clean.contains("=?") else {
      return String(clean.prefix(250))
    }
    var chunks = [""]
    for character in clean.prefix(250) {
      // A character is never cut in two, however many accents are heaped on it: its code points may part.
      for scalar in character.unicodeScalars {
        if chunks[chunks.count - 1].utf8.count + String(scalar).utf8.count > 36 { chunks.append("") }
        chunks[chunks.count - 1].unicodeScalars.append(scalar)
      }
    }
    return chunks.map { "=?utf-8?B?\(Data($0.utf8).base64EncodedString())?=" }.joined(separator: "\r\n ")
  }

  /// Without anything that ends a line, steers a terminal or turns the direction of writing around.
  private static func cleaned(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: continue
      default: result.append(scalar)
      }
    }
    return String(result)
  }

  /// Lines of at most 76 characters of ASCII (RFC 2045, quoted-printable); none begins with a dot, which SMTP would read.
  private static func body(_ text: String) -> [String] {
    var lines: [String] = []
    for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
      let bytes = Array(cleaned(String(line)).utf8)
      var current = ""
      for (index, byte) in bytes.enumerated() {
        let isPlain = 0x21...0x7e ~= byte && byte != 0x3d && !(byte == 0x2e && current.isEmpty)
        let isInnerSpace = byte == 0x20 && index + 1 < bytes.count
        let hex = String(byte, radix: 16, uppercase: true)
        let written =
          isPlain || isInnerSpace ? String(UnicodeScalar(byte)) : "=" + (hex.count == 1 ? "0" : "") + hex
        if current.utf8.count + written.utf8.count > 75 {
          lines.append(current + "=")
          current = byte == 0x2e ? "=2E" : written
        } else {
          current += written
        }
      }
      lines.append(current)
    }
    return lines
  }
}
