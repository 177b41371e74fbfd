import Cryptography
import Messages
import Testing

/// Digests, codes and seals are those that the standards print.
@Suite struct CryptographyTests {
  private func bytes(_ hex: String) -> [UInt8] { HexText.bytes(hex) ?? [] }

  /// FIPS 180-4, appendix B.1, and of nothing at all.
  @Test func aDigestIsTheStandards() {
    #expect(
      HexText.of(SHA256.hash("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(HexText.of(SHA256.hash([])) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    var inParts = SHA256()
    inParts.update("a")
    inParts.update([] as [UInt8])
    inParts.update([0x62, 0x63])
    #expect(inParts.finalize() == SHA256.hash("abc"))
  }

  /// RFC 4231, test case 2, and RFC 2202, test case 2.
  @Test func aCodeIsTheStandards() {
    let (key, words) = (Array("Jefe".utf8), Array("what do ya want for nothing?".utf8))
    let code = HMAC(key: key).code(words)
    #expect(HexText.of(code) == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    #expect(HexText.of(HMAC(.sha1, key: key).code(words)) == "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79")
    #expect(HMAC(key: key).isValid(code, for: words))
    #expect(!HMAC(key: key).isValid(Array(code.dropLast()), for: words))
    #expect(!HMAC(key: key).isValid([], for: words))
    #expect(!HMAC(key: key).isValid(code, for: words + [0]))
    #expect(!HMAC(key: key + [1]).isValid(code, for: words))
    #expect(HMAC(key: []).code(words).count == 32)
  }

  /// RFC 5869, A.3: without salt and info; its first 32 bytes.
  @Test func aDerivedKeyIsTheStandards() {
    let derived = HMAC.key(from: [UInt8](repeating: 0x0b, count: 22), info: [])
    #expect(HexText.of(derived) == "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d")
  }

  /// "The Galois/Counter Mode of Operation", McGrew and Viega, test case 16.
  @Test func aSealIsTheStandards() {
    let cipher = AESGCM(key: bytes("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"))
    let plain = bytes(
      "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
    )
    let about = bytes("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    let sealed = cipher.seal(plain, nonce: bytes("cafebabefacedbaddecaf888"), about: about)
    #expect(
      HexText.of(sealed)
        == "cafebabefacedbaddecaf888"
        + "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
        + "76fc6ece0f4e1768cddf8853bb2d551b")
    #expect(cipher.open(sealed, about: about) == plain)
    #expect(cipher.open(sealed, about: []) == nil)
    for place in sealed.indices {
      var changed = sealed
      changed[place] ^= 1
      #expect(cipher.open(changed, about: about) == nil, "byte \(place)")
    }
    for length in 0..<28 { #expect(cipher.open(Array(sealed.prefix(length)), about: about) == nil) }
    let nothing = cipher.seal([], nonce: bytes("cafebabefacedbaddecaf888"), about: [])
    #expect(nothing.count == 28 && cipher.open(nothing, about: []) == [])
  }
}
