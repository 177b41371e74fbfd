import CCrypto

/// SHA-256 (FIPS 180-4) over what it is given, part by part.
public struct SHA256 {
  public static let byteCount = 32
  private var state = SHA256_CTX()

  public init() {
    SHA256_Init(&state)
  }

  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    SHA256_Update(&state, bytes.baseAddress, bytes.count)
  }

  public mutating func update(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { update($0) }
  }

  public mutating func update(_ text: String) {
    var text = text
    text.withUTF8 { update(UnsafeRawBufferPointer($0)) }
  }

  /// As the bytes that a processor like ours has in memory.
  public mutating func update(_ number: some FixedWidthInteger) {
    withUnsafeBytes(of: number.littleEndian) { update($0) }
  }

  /// 32 bytes. Nothing can be added afterwards.
  public consuming func finalize() -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: Self.byteCount) { digest, count in
      SHA256_Final(digest.baseAddress, &state)
      count = Self.byteCount
    }
  }

  /// Of all at once.
  public static func hash(_ bytes: [UInt8]) -> [UInt8] {
    var hash = SHA256()
    hash.update(bytes)
    return hash.finalize()
  }

  /// Of a text's UTF-8.
  public static func hash(_ text: String) -> [UInt8] {
    var hash = SHA256()
    hash.update(text)
    return hash.finalize()
  }
}
