import Crypto
import Foundation

/// How Slack signs what it posts: HMAC-SHA256 with the app's signing secret over the time and the body as it is.
enum SlackSignature {
  /// What is older may be a copy of something that was heard before.
  static let freshSeconds: Int64 = 300

  static func isValid(_ signature: String, timestamp: String, body: [UInt8], secret: String, now: Int64) -> Bool {
    guard let sent = Int64(timestamp), (now - freshSeconds...now + freshSeconds).contains(sent),
      signature.hasPrefix("v0="),
      let shown = bytes(ofHex: signature.dropFirst(3))
    else { return false }
    return HMAC<SHA256>.isValidAuthenticationCode(
      shown, authenticating: Data("v0:\(timestamp):".utf8) + Data(body), using: SymmetricKey(data: Data(secret.utf8)))
  }

  private static func bytes(ofHex text: Substring) -> Data? {
    let digits = Array(text.utf8)
    guard digits.count == 64 else { return nil }
    var bytes = Data()
    for place in stride(from: 0, to: digits.count, by: 2) {
      guard let byte = UInt8(String(decoding: digits[place...place + 1], as: UTF8.self), radix: 16) else { return nil }
      bytes.append(byte)
    }
    return bytes
  }
}
