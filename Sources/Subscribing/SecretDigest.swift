import Cryptography
import Messages

/// What is kept of a secret (a calendar's address, a source's HTTP key), and looked up by: how long a look takes says nothing about the secret.
public struct SecretDigest: Hashable, Sendable {
  private let bytes: [UInt8]

  public init(of secret: some StringProtocol) {
    bytes = SHA256.hash(String(secret))
  }

  /// Nil when it isn't 64 hexadecimal digits.
  init?(text: some StringProtocol) {
    guard text.utf8.count == 64, let bytes = HexText.bytes(text) else { return nil }
    self.bytes = bytes
  }

  public var text: String { HexText.of(bytes) }
  /// By which people name it.
  public var short: String { String(text.prefix(8)) }
}
