import Cryptography
import Messages
import Serving

/// Grafana's proof that a webhook is its own: a header with the HMAC-SHA256 of the body, in hexadecimal digits; with a header for the time, of
/// that time in seconds, a colon and the body.
enum GrafanaSignature {
  static let header = "x-grafana-alerting-signature"
  static let timeHeader = "x-grafana-alerting-timestamp"
  /// A signed request that is older may be a copy.
  private static let newFor = Span.minutes(5)

  static func isGood(_ request: WebRequest, _ secret: SigningSecret, at now: Instant) -> Bool {
    guard let given = HexText.bytes(request.head.header(header)), given.count == SHA256.byteCount else { return false }
    let time = request.head.header(timeHeader)
    var signed = request.body
    if !time.isEmpty {
      guard let seconds = Int64(time), seconds > 0, seconds < 100_000_000_000 else { return false }
      guard abs(now.milliseconds - seconds * 1_000) < newFor.milliseconds else { return false }
      signed = Array("\(time):".utf8) + request.body
    }
    return secret.signs(signed, as: given)
  }
}

/// A secret that a sender signs with; no description shows it.
struct SigningSecret: Sendable, CustomStringConvertible {
  private let key: HMAC

  init(_ bytes: some Sequence<UInt8>) {
    key = HMAC(key: Array(bytes))
  }

  var description: String { "a secret" }

  /// Takes as long whatever is wrong.
  func signs(_ bytes: [UInt8], as signature: [UInt8]) -> Bool {
    key.isValid(signature, for: bytes)
  }
}
