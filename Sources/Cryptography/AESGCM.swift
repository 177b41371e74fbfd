import CCrypto

/// AES-256-GCM (NIST SP 800-38D): sealed bytes can't be read without the key, nor changed.
public struct AESGCM {
  public static let nonceSize = 12
  public static let tagSize = 16
  private let key: [UInt8]

  /// - Parameter key: 32 bytes.
  public init(key: [UInt8]) {
    precondition(key.count == 32, "a key of AES-256 has 32 bytes, not \(key.count)")
    self.key = key
  }

  /// - Parameters:
  ///   - nonce: 12 bytes; two messages with one nonce give the key away.
  ///   - about: what isn't sealed and must be the same when it is opened.
  /// - Returns: the nonce, the sealed bytes, the tag.
  public func seal(_ plain: [UInt8], nonce: [UInt8], about: [UInt8]) -> [UInt8] {
    precondition(nonce.count == Self.nonceSize, "a nonce has \(Self.nonceSize) bytes, not \(nonce.count)")
    let context = EVP_CIPHER_CTX_new()
    defer { EVP_CIPHER_CTX_free(context) }
    var (length, sealed) = (Int32(0), [UInt8](repeating: 0, count: plain.count))
    var tag = [UInt8](repeating: 0, count: Self.tagSize)
    guard EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), nil, key, nonce) == 1,
      EVP_EncryptUpdate(context, nil, &length, about, Int32(about.count)) == 1,
      EVP_EncryptUpdate(context, &sealed, &length, plain, Int32(plain.count)) == 1,
      EVP_EncryptFinal_ex(context, nil, &length) == 1,
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(Self.tagSize), &tag) == 1
    else { preconditionFailure("AES-GCM seals whatever it is given, with 12 bytes of nonce and a key of 32") }
    return nonce + sealed + tag
  }

  /// Nil when a bit of it, or of what it is about, is another than when it was sealed.
  public func open(_ whole: [UInt8], about: [UInt8]) -> [UInt8]? {
    guard whole.count >= Self.nonceSize + Self.tagSize else { return nil }
    let (nonce, sealed) = (
      Array(whole.prefix(Self.nonceSize)), Array(whole.dropFirst(Self.nonceSize).dropLast(Self.tagSize))
    )
    var tag = Array(whole.suffix(Self.tagSize))
    let context = EVP_CIPHER_CTX_new()
    defer { EVP_CIPHER_CTX_free(context) }
    var (length, plain) = (Int32(0), [UInt8](repeating: 0, count: sealed.count))
    guard EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), nil, key, nonce) == 1,
      EVP_DecryptUpdate(context, nil, &length, about, Int32(about.count)) == 1,
      EVP_DecryptUpdate(context, &plain, &length, sealed, Int32(sealed.count)) == 1,
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(Self.tagSize), &tag) == 1,
      EVP_DecryptFinal_ex(context, nil, &length) == 1
    else { return nil }
    return plain
  }
}
