/// The lines above an answer's body, as they came: few providers say anything there that counts, so that they are looked at only when
/// somebody asks for one.
struct AnswerHead: Hashable, Sendable {
  private static let bytesAtMost = 16 * 1_024
  private var bytes: [UInt8] = []

  /// One line; a new status line begins it anew.
  mutating func take(_ line: UnsafeRawBufferPointer) {
    if line.starts(with: Self.statusLine) { bytes.removeAll(keepingCapacity: true) }
    guard bytes.count + line.count <= Self.bytesAtMost else { return }
    bytes += line
  }

  /// By a name in lower case; the last of those that come twice.
  subscript(name: String) -> String? {
    for line in bytes.split(separator: UInt8(ascii: "\n")).reversed() {
      let found = line.prefix { $0 != UInt8(ascii: ":") }
      guard found.count == name.utf8.count, found.count < line.count,
        zip(found, name.utf8).allSatisfy({ Self.lowered($0) == $1 })
      else { continue }
      let value = line.dropFirst(found.count + 1).drop(while: Self.isSpace)
      return String(
        decoding: value.prefix(upTo: (value.lastIndex { !Self.isSpace($0) } ?? value.startIndex - 1) + 1), as: UTF8.self
      )
    }
    return nil
  }

  private static let statusLine = Array("HTTP/".utf8)
  private static func lowered(_ byte: UInt8) -> UInt8 { 0x41...0x5a ~= byte ? byte + 0x20 : byte }
  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0d }
}
