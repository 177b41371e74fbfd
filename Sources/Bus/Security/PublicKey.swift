import CZeroMQ

/// The public half of a CURVE key, in the 40 letters of Z85: what peers know each other by.
public struct PublicKey: Hashable, Sendable, CustomStringConvertible {
  public let text: String

  /// nil when the text is no key, or is one of those that zmq_curve(7) prints: everybody knows their secret halves.
  public init?(_ text: String) {
    guard Self.isKey(text), !Self.published.contains(text) else { return nil }
    self.text = text
  }

  init(bytes: UnsafeRawBufferPointer) {
    text = Z85.text(bytes)
  }

  public var description: String { text }

  /// Enough to tell keys apart by eye.
  public var short: String { String(text.prefix(8)) }

  static func isKey(_ text: String) -> Bool {
    text.utf8.count == Z85.keyLetters && Z85.bytes(text) != nil
  }

  private static let published: Set<String> = [
    "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID", "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7",
  ]
}

/// Z85 as libzmq has it.
enum Z85 {
  static let keyLetters = 40
  static let keyBytes = 32

  static func text(_ bytes: UnsafeRawBufferPointer) -> String {
    var letters = [CChar](repeating: 0, count: bytes.count * 5 / 4 + 1)
    zmq_z85_encode(&letters, bytes.baseAddress!.assumingMemoryBound(to: UInt8.self), bytes.count)
    return letters.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
  }

  static func bytes(_ text: String) -> [UInt8]? {
    // libzmq reads past the end of what has a length that can't be.
    guard !text.isEmpty, text.utf8.count % 5 == 0, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else { return nil }
    var bytes = [UInt8](repeating: 0, count: text.utf8.count * 4 / 5)
    return zmq_z85_decode(&bytes, text) == nil ? nil : bytes
  }
}
