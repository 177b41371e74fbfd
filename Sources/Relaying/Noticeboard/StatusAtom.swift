import Cryptography
import Messages

/// The status page as a feed (RFC 4287), an entry an incident.
enum StatusAtom {
  static func text(_ view: StatusView) -> String {
    let notices = (view.notices ?? []).sorted { $0.changedAt > $1.changedAt }
    let updated = notices.first?.changedAt ?? view.at
    var text = """
      <?xml version="1.0" encoding="utf-8"?>
      <feed xmlns="http://www.w3.org/2005/Atom">
      <id>\(name("feed \(view.title)"))</id>
      <title>\(escaped(view.title))</title>
      <author><name>\(escaped(view.title))</name></author>
      <updated>\(updated.rfc3339)</updated>

      """
    if let warning = view.warning { text += "<subtitle>\(escaped(warning))</subtitle>\n" }
    for notice in notices {
      let words = notice.updates.map { update in
        "\(StatusView.time(update.at)): \(update.status)\n"
          + update.lines.map { $0.name.isEmpty ? "\($0.text)\n" : "\($0.name): \($0.text)\n" }.joined()
      }
      text += """
        <entry>
        <id>\(name("notice \(notice.id)"))</id>
        <title>\(escaped("\(notice.status): \(notice.headline)"))</title>
        <published>\(notice.beganAt.rfc3339)</published>
        <updated>\(notice.changedAt.rfc3339)</updated>
        <content type="text">\(escaped(words.joined(separator: "\n")))</content>
        </entry>

        """
    }
    return text + "</feed>\n"
  }

  /// The same id for the same thing, at whichever gateway: a UUID of its own making (RFC 9562, version 8).
  private static func name(_ thing: String) -> String {
    var bytes = Array(SHA256.hash("tocsin status \(thing)").prefix(16))
    bytes[6] = bytes[6] & 0x0f | 0x80
    bytes[8] = bytes[8] & 0x3f | 0x80
    let digits = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
    return "urn:uuid:"
      + [0..<4, 4..<6, 6..<8, 8..<10, 10..<16].map { digits[$0].joined() }.joined(separator: "-")
  }

  /// What XML has no way to say is left out.
  static func escaped(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "&": escaped += "&amp;"
      case "\"": escaped += "&quot;"
      case "\n", "\t": escaped.unicodeScalars.append(scalar)
      case _ where scalar.value < 0x20 || scalar.value == 0x7f || scalar.value & 0xfffe == 0xfffe: break
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}
