import PrivateFiles

/// A secret in a file of its own, which nobody else may read: looked at for each page, so that a new one counts at once.
public enum SecretFile {
  private static let lines = RememberedLines()

  /// A key, token, password or address as text, on one line: it becomes part of a header or an address.
  public static func text(_ path: String) throws -> String {
    let bytes = try read(path, atLeast: 1)
    guard let text = String(validating: bytes, as: UTF8.self),
      !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7f })
    else { throw ProviderFailure("the secret file holds more than one line of text") }
    return text
  }

  /// - Parameter least: bytes, without the line's end: fewer would be guessed.
  static func read(_ path: String, atLeast least: Int) throws -> [UInt8] {
    guard !path.isEmpty else { throw ProviderFailure("the route names no secret_file") }
    let bytes: [UInt8]
    do throws(PrivateFileFault) {
      bytes = try lines.line(path)
    } catch {
      throw ProviderFailure("the secret file \(error.words)")
    }
    guard bytes.count >= least else {
      throw ProviderFailure(
        bytes.isEmpty ? "the secret file is empty" : "the secret file holds fewer than \(least) bytes")
    }
    return bytes
  }
}
