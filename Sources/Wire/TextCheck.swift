/// Whether bytes are text: valid UTF-8 without control characters, which cut strings in C and play tricks on terminals.
enum TextCheck: Hashable {
  case text
  case control(UInt8)
  case notUTF8

  init(_ bytes: UnsafeRawBufferPointer, takesControls: Bool) {
    var isASCII = true
    var index = 0
    while index < bytes.count {
      if index + 8 <= bytes.count, Self.isPlain(bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)) {
        index += 8
        continue
      }
      let end = min(index + 8, bytes.count)
      while index < end {
        let byte = bytes[index]
        if byte >= 0x80 {
          isASCII = false
        } else if byte < 0x20 || byte == 0x7f, byte != 0x0a, byte != 0x09, byte == 0 || !takesControls {
          self = .control(byte)
          return
        }
        index += 1
      }
    }
    self = isASCII ? .text : Self.beyondASCII(bytes, takesControls: takesControls)
  }

  /// Eight bytes at once: none below space, none above tilde.
  private static func isPlain(_ word: UInt64) -> Bool {
    let high: UInt64 = 0x8080_8080_8080_8080
    let ones: UInt64 = 0x0101_0101_0101_0101
    let isDelete = word ^ (ones &* 0x7f)
    return (word | (word &- ones &* 0x20) | (isDelete &- ones)) & high == 0
  }

  private static func beyondASCII(_ bytes: UnsafeRawBufferPointer, takesControls: Bool) -> TextCheck {
    guard String(validating: bytes, as: UTF8.self) != nil else { return .notUTF8 }
    if takesControls { return .text }
    // In UTF-8 the controls U+0080 to U+009F are C2 80 to C2 9F, and C2 occurs nowhere else.
    for index in bytes.indices.dropLast() where bytes[index] == 0xc2 && bytes[index + 1] < 0xa0 {
      return .control(bytes[index + 1])
    }
    return .text
  }
}
