import Cryptography
import Messages

/// What one person's addresses are sealed with on disk (requirement N7): whoever has the bytes can read them, and when nobody has
/// them any more nobody can.
///
/// AES-256-GCM. The nonce is an HMAC of what is sealed, under a key of its own, instead of a random number: what is sealed twice
/// looks the same twice, so that a checkpoint of an unchanged state has the same bytes whoever makes it, and what differs gets
/// another nonce. All that this tells a reader of the disk is that somebody's addresses have not changed.
struct ContactKey: Hashable, Sendable {
  static let size = 32
  private static let version: UInt8 = 1

  let bytes: [UInt8]
  /// Names the key beside what it has sealed, and tells nothing of it.
  let id: KeyID

  init(_ bytes: [UInt8]) {
    precondition(bytes.count == Self.size, "a contact key has \(Self.size) bytes, not \(bytes.count)")
    self.bytes = bytes
    id = KeyID(Array(SHA256.hash(Array("tocsin contact key ".utf8) + bytes).prefix(KeyID.size)))
  }

  /// - Parameter place: where it belongs: opened elsewhere, it is refused.
  func seal(_ plain: [UInt8], of place: String) -> [UInt8] {
    let about = Self.about(place)
    let nonce = HMAC(key: derived("nonce")).code(about + [0] + plain).prefix(AESGCM.nonceSize)
    return [Self.version] + id.bytes + AESGCM(key: derived("seal")).seal(plain, nonce: Array(nonce), about: about)
  }

  /// Nil when a bit of it, or its place, is another than when it was sealed.
  func open(_ sealed: [UInt8], of place: String) -> [UInt8]? {
    AESGCM(key: derived("seal")).open(Array(sealed.dropFirst(1 + KeyID.size)), about: Self.about(place))
  }

  /// Which key has sealed it; nil when it is nothing that was ever sealed.
  static func id(of sealed: [UInt8]) -> KeyID? {
    guard sealed.first == version, sealed.count >= 1 + KeyID.size + AESGCM.nonceSize + AESGCM.tagSize else {
      return nil
    }
    return KeyID(Array(sealed[1...KeyID.size]))
  }

  private static func about(_ place: String) -> [UInt8] { Array("tocsin contact \(place)".utf8) }

  private func derived(_ use: String) -> [UInt8] {
    HMAC.key(from: bytes, info: Array("tocsin contact \(use)".utf8))
  }
}

/// The name of a key.
struct KeyID: Hashable, Sendable, CustomStringConvertible {
  static let size = 8
  let bytes: [UInt8]

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  var description: String { HexText.of(bytes) }
}
