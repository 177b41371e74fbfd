import Cryptography
import Messages
import PrivateFiles

/// What the pages seal with: whoever has it can be anybody here, and nothing else anywhere. A new one ends all sessions.
public struct SiteSecret: Sendable {
  public static let bytes = 32
  private let key: HMAC

  public init(_ bytes: [UInt8]) {
    precondition(bytes.count == Self.bytes, "a secret has \(Self.bytes) bytes, not \(bytes.count)")
    key = HMAC(key: bytes)
  }

  /// 64 hexadecimal digits in a file that nobody else may read.
  ///
  /// - Throws: why it isn't used.
  public init(reading file: String) throws(SiteFault) {
    let read: [UInt8]
    do throws(PrivateFileFault) {
      read = try PrivateFile.read(file, isOwn: true, bytesAtMost: 1_024)
    } catch {
      throw SiteFault("\(file) \(error.words)\(error.isMissing ? ": \"tocsinctl keys pages\" makes it" : "")")
    }
    let text = String(decoding: read, as: UTF8.self)
    let line = text.split(separator: "\n").first { !$0.hasPrefix("#") } ?? ""
    guard let bytes = HexText.bytes(line), bytes.count == Self.bytes else {
      throw SiteFault("\(file) must hold \(2 * Self.bytes) hexadecimal digits")
    }
    self.init(bytes)
  }

  /// A text of one use is never taken for one of another.
  func seal(_ text: String, for use: String) -> String {
    HexText.of(key.code(Array("\(use)\n\(text)".utf8)))
  }

  /// In a time that tells nothing.
  func isSeal(_ seal: some StringProtocol, of text: String, for use: String) -> Bool {
    guard let bytes = HexText.bytes(seal) else { return false }
    return key.isValid(bytes, for: Array("\(use)\n\(text)".utf8))
  }
}
