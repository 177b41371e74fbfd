import Messages

/// What a link, a button or a call carries to say which page it answers: page (and so its person), deed, the channel that it went
/// out by, and until when. Readable by everybody, made by the notifier alone.
struct AnswerToken: Hashable {
  let page: String
  /// `.unspecified`: any.
  let deed: AnswerDeed
  let channel: String
  let expiresAt: Instant

  /// 128 bits.
  static let sealBytes = 16
  static let bytesAtMost = 1_024

  init(page: String, deed: AnswerDeed, channel: String, expiresAt: Instant) {
    self.page = page
    self.deed = deed
    self.channel = channel
    self.expiresAt = expiresAt
  }

  /// "1.email.1795996800000.2f-1k~2fana~2f1"
  var body: String {
    "\(deed.rawValue).\(Self.escaped(channel)).\(expiresAt.milliseconds).\(Self.escaped(page))"
  }

  init?(body: String) {
    let parts = body.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 4, let number = UInt32(parts[0]), let deed = AnswerDeed(rawValue: number),
      let expires = Int64(parts[2]), let channel = Self.unescaped(parts[1]), let page = Self.unescaped(parts[3])
    else { return nil }
    self.init(page: page, deed: deed, channel: channel, expiresAt: Instant(milliseconds: expires))
  }

  /// Letters, digits and "-" as they are, any other byte as "~2f": no part of an address gives that a meaning.
  private static func escaped(_ text: String) -> String {
    text.utf8.map { isPlain($0) ? String(UnicodeScalar($0)) : "~\(HexText.of([$0]))" }.joined()
  }

  private static func unescaped(_ text: String) -> String? {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "~") else {
        bytes.append(byte)
        continue
      }
      guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
        return nil
      }
      bytes.append(value)
      rest = rest.dropFirst(2)
    }
    return String(validating: bytes, as: UTF8.self)
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
      true
    default: false
    }
  }
}
