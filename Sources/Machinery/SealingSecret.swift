import Cryptography

/// A secret by which rules seal words (HMAC-SHA256): whoever shows the seal has the words from here. The dice that made it were
/// thrown outside, once; what is sealed with it is the same in every replay.
public struct SealingSecret: Hashable, Sendable, CustomStringConvertible {
  private let bytes: [UInt8]

  /// - Parameter bytes: 32 that nobody can guess.
  public init(_ bytes: [UInt8]) {
    precondition(bytes.count >= 32, "a sealing secret has 32 bytes, this one \(bytes.count)")
    self.bytes = bytes
  }

  public var description: String { "a sealing secret" }

  /// - Parameter use: what the seal is for, so that one for a purpose is none for another.
  public func seal(_ words: String, use: String) -> [UInt8] {
    HMAC(key: bytes).code(Array("\(use)\n\(words)".utf8))
  }
}
