import Cryptography
import Messages

/// A calendar as it is served.
struct CalendarFile: Sendable {
  let text: [UInt8]
  let tag: EntityTag

  init(_ text: [UInt8]) {
    self.text = text
    tag = EntityTag(of: text)
  }
}

/// By which a reader asks whether it has the newest already (RFC 9110, 8.8.3).
struct EntityTag: Hashable, Sendable {
  /// With its quotes.
  let text: String

  init(of bytes: [UInt8]) {
    text =
      "\"" + HexText.of(SHA256.hash(bytes).prefix(16)) + "\""
  }

  /// Whether `If-None-Match` names it, or anything.
  func isAmong(_ given: String) -> Bool {
    given.split(separator: ",").contains { one in
      let tag = one.drop { $0 == " " || $0 == "\t" }.prefix { $0 != " " && $0 != "\t" }
      return tag == "*" || (tag.hasPrefix("W/") ? tag.dropFirst(2) : tag) == text
    }
  }
}
