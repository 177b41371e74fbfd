import Cryptography
import Messages

/// What makes two attempts the same call: who asks, and the key or session number that the caller chose.
public struct CallIdentity: Hashable, Sendable {
  public enum Token: Hashable, Sendable {
    /// 16 bytes, a UUIDv7, the same on every attempt.
    case key([UInt8])
    /// For heavy clients: a number per call, and up to which number the client has its answers.
    case session([UInt8], sequence: UInt64, acknowledgedThrough: UInt64)
  }
  public var principal: String
  public var token: Token
  /// Whether the caller says that it has sent this before.
  public var isRepeat: Bool
  /// Over method and payload: the same token with another request is a mistake or an attack.
  public var requestHash: [UInt8]

  public init(principal: String, token: Token, method: String, payload: [UInt8], isRepeat: Bool = false) {
    self.principal = principal
    self.token = token
    self.isRepeat = isRepeat
    var hash = SHA256()
    hash.update(method)
    hash.update(payload)
    requestHash = Array(hash.finalize().prefix(16))
  }

  /// The instant inside a UUIDv7 key; nil for sessions and for keys that aren't 16 bytes of version 7.
  public var keyMadeAt: Instant? {
    guard case .key(let bytes) = token else { return nil }
    return Self.instant(inKey: bytes)
  }

  static func instant(inKey bytes: [UInt8]) -> Instant? {
    guard bytes.count == 16, bytes[6] >> 4 == 7 else { return nil }
    return Instant(milliseconds: bytes.prefix(6).reduce(Int64(0)) { $0 << 8 | Int64($1) })
  }
}
