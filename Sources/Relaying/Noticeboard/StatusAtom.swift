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
      <title>\(XMLText.escaped(view.title))</title>
      <author><name>\(XMLText.escaped(view.title))</name></author>
      <updated>\(updated.rfc3339)</updated>

      """
    if let warning = view.warning { text += "<subtitle>\(XMLText.escaped(warning))</subtitle>\n" }
    for notice in notices {
      let words = notice.updates.map { update in
        "\(StatusView.time(update.at)): \(update.status)\n"
          + update.lines.map { $0.name.isEmpty ? "\($0.text)\n" : "\($0.name): \($0.text)\n" }.joined()
      }
      text += """
        <entry>
        <id>\(name("notice \(notice.id)"))</id>
        <title>\(XMLText.escaped("\(notice.status): \(notice.headline)"))</title>
        <published>\(notice.beganAt.rfc3339)</published>
        <updated>\(notice.changedAt.rfc3339)</updated>
        <content type="text">\(XMLText.escaped(words.joined(separator: "\n")))</content>
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
    return "urn:uuid:" + [0..<4, 4..<6, 6..<8, 8..<10, 10..<16].map { HexText.of(bytes[$0]) }.joined(separator: "-")
  }
}
