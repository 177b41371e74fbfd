import Messages
import Testing

/// CRC-32C as others compute it, whichever way this processor does.
@Suite struct ChecksumTests {
  /// RFC 3720, B.4, and the check value of the catalogue.
  @Test func knownChecksumsCome() {
    #expect(CRC32C.checksum(Array("123456789".utf8)) == 0xe306_9283)
    #expect(CRC32C.checksum([UInt8](repeating: 0, count: 32)) == 0x8a91_36aa)
    #expect(CRC32C.checksum([UInt8](repeating: 0xff, count: 32)) == 0x62a8_ab43)
    #expect(CRC32C.checksum([UInt8](0..<32)) == 0x46dd_794e)
    #expect(CRC32C.checksum((0..<32).reversed()) == 0x113f_db5c)
    #expect(CRC32C.checksum([UInt8]()) == 0)
  }
}
