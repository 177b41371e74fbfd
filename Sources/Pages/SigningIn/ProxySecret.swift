import Cryptography
import PrivateFiles

/// What a proxy shows with each request, so that its address alone, which a neighbour may come to have, makes nobody somebody.
public struct ProxySecret: Sendable {
  /// The header that carries it, in lower case.
  public static let header = "tocsin-proxy-secret"
  private static let bytesAtMost = 128
  private static let bytesAtLeast = 32

  private let digest: [UInt8]

  /// One line of a file that nobody else may read.
  ///
  /// - Throws: why it isn't used, and never what it holds.
  public init(reading file: String) throws(SiteFault) {
    let line: [UInt8]
    do throws(PrivateFileFault) {
      line = try PrivateFile.line(file, isOwn: true, bytesAtMost: 1_024)
    } catch {
      throw SiteFault("\(file) \(error.words)")
    }
    guard Self.bytesAtLeast...Self.bytesAtMost ~= line.count, line.allSatisfy({ 0x21...0x7e ~= $0 && $0 != 0x2c })
    else {
      throw SiteFault(
        "\(file) must hold one line of \(Self.bytesAtLeast) to \(Self.bytesAtMost) letters and digits (openssl rand -hex 32)"
      )
    }
    self.init(String(decoding: line, as: UTF8.self))
  }

  init(_ text: String) { digest = SHA256.hash(text) }

  /// In a time that tells nothing of the secret: digests are compared.
  func isShown(_ text: String) -> Bool { SHA256.hash(text) == digest }
}
