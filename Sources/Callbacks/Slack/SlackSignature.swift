import Cryptography
import Messages

/// How Slack signs what it posts: HMAC-SHA256 with the app's signing secret over the time and the body as it is.
enum SlackSignature {
  /// What is older may be a copy of something that was heard before.
  static let freshSeconds: Int64 = 300

  static func isValid(_ signature: String, timestamp: String, body: [UInt8], secret: String, now: Int64) -> Bool {
    guard let sent = Int64(timestamp), (now - freshSeconds...now + freshSeconds).contains(sent),
      signature.hasPrefix("v0="),
      let shown = HexText.bytes(signature.dropFirst(3))
    else { return false }
    return HMAC(key: Array(secret.utf8)).isValid(shown, for: Array("v0:\(timestamp):".utf8) + body)
  }
}
