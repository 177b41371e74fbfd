import CZeroMQ
import Glibc

/// A CURVE key with its secret half, which no description shows.
public struct KeyPair: Sendable, CustomStringConvertible {
  public let publicKey: PublicKey
  /// In Z85; for libzmq and for the file that it is kept in.
  package let secret: String

  /// Whether this libzmq can do CURVE: it can when it was built with libsodium or tweetnacl.
  public static var isPossible: Bool { zmq_has("curve") == 1 }

  /// - Throws: what to do, when libzmq has no CURVE.
  public static func make() throws(ZeroMQError) -> KeyPair {
    var publicText = [CChar](repeating: 0, count: Z85.keyLetters + 1)
    var secretText = publicText
    guard zmq_curve_keypair(&publicText, &secretText) == 0, let pair = KeyPair(secret: string(secretText)) else {
      throw ZeroMQError(number: ENOTSUP, doing: "making a key: libzmq \(Context.version) was built without CURVE")
    }
    return pair
  }

  /// nil when the text is no secret key.
  init?(secret: String) {
    guard PublicKey.isKey(secret) else { return nil }
    var publicText = [CChar](repeating: 0, count: Z85.keyLetters + 1)
    guard zmq_curve_public(&publicText, secret) == 0, let publicKey = PublicKey(Self.string(publicText)) else {
      return nil
    }
    self.publicKey = publicKey
    self.secret = secret
  }

  public var description: String { "key \(publicKey.short)" }

  private static func string(_ letters: [CChar]) -> String {
    letters.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
  }
}
