/// Reads one JSON document (RFC 8259): what is not JSON is refused with its line.
///
/// Strictly; or leniently, for senders that aren't ours to mend: then text that is no Unicode gets U+FFFD in its place, and what nests
/// too deep is taken as text.
struct JSONParser {
  static let deepest = 32
  private let bytes: [UInt8]
  private let valuesAtMost: Int
  private let isLenient: Bool
  private var values = 0
  private var position = 0

  init(_ bytes: [UInt8], valuesAtMost: Int, isLenient: Bool = false) {
    self.bytes = bytes
    self.valuesAtMost = valuesAtMost
    self.isLenient = isLenient
  }

  mutating func document() throws(JSONFault) -> JSONValue {
    let value = try value(depth: 1)
    skipSpace()
    guard position == bytes.count else { throw fault("there is more after the end") }
    return value
  }

  private mutating func value(depth: Int) throws(JSONFault) -> JSONValue {
    guard depth <= Self.deepest else {
      guard isLenient else { throw fault("nests deeper than \(Self.deepest)") }
      return try text()
    }
    values += 1
    guard values <= valuesAtMost else { throw fault("holds more than \(valuesAtMost) values") }
    skipSpace()
    switch peek {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return try number()
    }
  }

  private mutating func object(depth: Int) throws(JSONFault) -> JSONValue {
    position += 1
    var members: [JSONValue.Member] = []
    // Most objects have few members: looking through them is cheaper than a table.
    var names: Set<String> = []
    skipSpace()
    if take("}") { return .object([]) }
    while true {
      skipSpace()
      guard peek == UInt8(ascii: "\"") else { throw fault("a name in quotes is expected") }
      let name = try string()
      guard isNew(name, &names, members) else { throw fault("\"\(name)\" is given twice") }
      skipSpace()
      guard take(":") else { throw fault("a colon is expected") }
      members.append(JSONValue.Member(name: name, value: try value(depth: depth + 1)))
      skipSpace()
      if take("}") { return .object(members) }
      guard take(",") else { throw fault("a comma or } is expected") }
    }
  }

  private func isNew(_ name: String, _ names: inout Set<String>, _ members: [JSONValue.Member]) -> Bool {
    if members.count < 16 { return !members.contains { $0.name == name } }
    if names.isEmpty { names = Set(members.map(\.name)) }
    return names.insert(name).inserted
  }

  private mutating func array(depth: Int) throws(JSONFault) -> JSONValue {
    position += 1
    var values: [JSONValue] = []
    skipSpace()
    if take("]") { return .array([]) }
    while true {
      values.append(try value(depth: depth + 1))
      skipSpace()
      if take("]") { return .array(values) }
      guard take(",") else { throw fault("a comma or ] is expected") }
    }
  }

  private mutating func string() throws(JSONFault) -> String {
    position += 1
    var text: [UInt8] = []
    var plain = position
    while let byte = peek {
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        text += bytes[plain..<position - 1]
        guard let string = String(validating: text, as: UTF8.self) else {
          guard isLenient else { throw fault("a string holds bytes that are no UTF-8") }
          return String(decoding: text, as: UTF8.self)
        }
        return string
      case UInt8(ascii: "\\"):
        text += bytes[plain..<position - 1]
        text += Array(String(try escaped()).utf8)
        plain = position
      case 0..<0x20: throw fault("a control character in a string must be escaped")
      default: break
      }
    }
    throw fault("a string has no end")
  }

  private mutating func escaped() throws(JSONFault) -> Unicode.Scalar {
    guard let byte = peek else { throw fault("a string has no end") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{c}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      var code = try hexadecimal()
      if (0xd800..<0xdc00).contains(code), let low = lowSurrogate() {
        code = 0x10000 + (code - 0xd800) << 10 + (low - 0xdc00)
      }
      guard let scalar = Unicode.Scalar(code) else {
        guard isLenient else { throw fault("half of a surrogate pair is missing") }
        return "\u{fffd}"
      }
      return scalar
    default: throw fault("\\\(Character(Unicode.Scalar(byte))) is no escape")
    }
  }

  /// The second half of a pair, where a whole one follows; else what follows stands for itself, and nothing of it is taken.
  private mutating func lowSurrogate() -> UInt32? {
    let next = bytes[position..<min(position + 6, bytes.count)]
    guard next.count == 6, next.starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "u")]),
      let code = UInt32(String(decoding: next.dropFirst(2), as: UTF8.self), radix: 16), (0xdc00..<0xe000).contains(code)
    else { return nil }
    position += 6
    return code
  }

  private mutating func hexadecimal() throws(JSONFault) -> UInt32 {
    let digits = bytes[position..<min(position + 4, bytes.count)]
    guard digits.count == 4, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let code = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw fault("\\u needs four hexadecimal digits") }
    position += 4
    return code
  }

  /// A value as it is written, without looking at it more than to find its end.
  private mutating func text() throws(JSONFault) -> JSONValue {
    skipSpace()
    let start = position
    var open = 0
    repeat {
      switch peek {
      case nil: throw fault("nests deeper than \(Self.deepest), and has no end")
      case UInt8(ascii: "\""): _ = try string()
      case UInt8(ascii: "["), UInt8(ascii: "{"):
        open += 1
        position += 1
      case UInt8(ascii: "]"), UInt8(ascii: "}"):
        guard open > 0 else { throw fault("a value is expected") }
        open -= 1
        position += 1
      case UInt8(ascii: ",") where open > 0, UInt8(ascii: ":") where open > 0: position += 1
      default: try scalar()
      }
      if open > 0 { skipSpace() }
    } while open > 0
    return .string(String(decoding: bytes[start..<position], as: UTF8.self))
  }

  private mutating func scalar() throws(JSONFault) {
    switch peek {
    case UInt8(ascii: "t"): _ = try word("true", .null)
    case UInt8(ascii: "f"): _ = try word("false", .null)
    case UInt8(ascii: "n"): _ = try word("null", .null)
    default: _ = try number()
    }
  }

  private mutating func number() throws(JSONFault) -> JSONValue {
    let start = position
    _ = take("-")
    let whole = digits()
    guard whole > 0, whole == 1 || bytes[position - whole] != UInt8(ascii: "0") else {
      position = start
      throw fault("a value is expected")
    }
    if take(".") {
      guard digits() > 0 else { throw fault("a digit is expected after the point") }
    }
    if take("e") || take("E") {
      if !take("+") { _ = take("-") }
      guard digits() > 0 else { throw fault("a digit is expected in the exponent") }
    }
    return .number(String(decoding: bytes[start..<position], as: UTF8.self))
  }

  private mutating func digits() -> Int {
    let start = position
    while let byte = peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
    return position - start
  }

  private mutating func word(_ word: String, _ value: JSONValue) throws(JSONFault) -> JSONValue {
    guard bytes[position...].starts(with: word.utf8) else { throw fault("a value is expected") }
    position += word.utf8.count
    return value
  }

  private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard peek == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func skipSpace() {
    while let byte = peek, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { position += 1 }
  }

  private func fault(_ words: String) -> JSONFault {
    let line = bytes[..<min(position, bytes.count)].count { $0 == UInt8(ascii: "\n") } + 1
    return JSONFault("is not JSON: \(words) (line \(line))")
  }
}
