import CCrypto

/// HMAC (RFC 2104): a code over bytes that only who has the key can make.
public struct HMAC: Sendable, CustomStringConvertible {
  public enum Hash: Sendable {
    case sha256
    /// For those who sign so still (Twilio); nothing of ours does.
    case sha1
  }
  private let key: [UInt8]
  private let hash: Hash

  public init(_ hash: Hash = .sha256, key: [UInt8]) {
    self.hash = hash
    self.key = key
  }

  /// Without the key, whoever prints it.
  public var description: String { "HMAC-\(hash)" }

  /// 32 bytes by SHA-256, 20 by SHA-1.
  public func code(_ bytes: [UInt8]) -> [UInt8] {
    let algorithm =
      switch hash {
      case .sha256: EVP_sha256()
      case .sha1: EVP_sha1()
      }
    return [UInt8](unsafeUninitializedCapacity: Int(EVP_MAX_MD_SIZE)) { code, count in
      var length: UInt32 = 0
      // No bytes are a null pointer, which OpenSSL takes for "the key as before".
      let key = key.isEmpty ? [0] : key
      guard CCrypto.HMAC(algorithm, key, Int32(key.count), bytes, bytes.count, code.baseAddress, &length) != nil else {
        preconditionFailure("HMAC is made of whatever it is given")
      }
      count = Int(length)
    }
  }

  /// In a time that tells nothing of where two codes differ.
  public func isValid(_ code: [UInt8], for bytes: [UInt8]) -> Bool {
    let own = self.code(bytes)
    return own.count == code.count && CRYPTO_memcmp(own, code, own.count) == 0
  }

  /// A key for one use, made of another key (HKDF by SHA-256, RFC 5869, without salt).
  ///
  /// - Parameter info: what it is for; another use has another key.
  /// - Returns: 32 bytes.
  public static func key(from secret: [UInt8], info: [UInt8]) -> [UInt8] {
    let extracted = HMAC(key: [UInt8](repeating: 0, count: SHA256.byteCount)).code(secret)
    return HMAC(key: extracted).code(info + [1])
  }
}
