/// Why bytes are not a zone of the tz database.
public struct TimeZoneFileError: Error, Hashable, Sendable, CustomStringConvertible {
  public var description: String
}

/// Reading TZif (RFC 8536, RFC 9636), the tz database's compiled form.
extension TimeZoneRules {
  public init(tzif bytes: [UInt8]) throws(TimeZoneFileError) {
    var reader = TZifReader(bytes: bytes)
    let first = try reader.header()
    if first.version == 0 {
      self = try reader.block(first, timeSize: 4)
    } else {
      try reader.skipBlock(first, timeSize: 4)
      let second = try reader.header()
      self = try reader.block(second, timeSize: 8)
      rule = try reader.footer()
    }
  }
}

/// A cursor over the bytes of one file.
struct TZifReader {
  struct Header {
    var version: UInt8
    var universalFlags: Int
    var standardFlags: Int
    var leapSeconds: Int
    var transitions: Int
    var types: Int
    var letters: Int
  }

  let bytes: [UInt8]
  private var position = 0

  init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  mutating func header() throws(TimeZoneFileError) -> Header {
    guard try Array(take(4)) == Array("TZif".utf8) else { throw .init(description: "does not begin with TZif") }
    let version = try take(1).first ?? 0
    _ = try take(15)
    let counts = [
      Int(try integer(4)), Int(try integer(4)), Int(try integer(4)), Int(try integer(4)), Int(try integer(4)),
      Int(try integer(4)),
    ]
    guard counts.allSatisfy({ 0...100_000 ~= $0 }), counts[4] > 0 else { throw .init(description: "impossible counts") }
    return Header(
      version: version, universalFlags: counts[0], standardFlags: counts[1], leapSeconds: counts[2],
      transitions: counts[3], types: counts[4], letters: counts[5])
  }

  mutating func skipBlock(_ header: Header, timeSize: Int) throws(TimeZoneFileError) {
    _ = try take(header.transitions * (timeSize + 1) + header.types * 6 + header.letters)
    _ = try take(header.leapSeconds * (timeSize + 4) + header.standardFlags + header.universalFlags)
  }

  mutating func block(_ header: Header, timeSize: Int) throws(TimeZoneFileError) -> TimeZoneRules {
    guard header.leapSeconds == 0 else { throw .init(description: "counts leap seconds, which UTC instants don't") }
    var times: [Int64] = []
    for _ in 0..<header.transitions { times.append(try integer(timeSize)) }
    let kinds = try take(header.transitions).map { Int($0) }
    var types: [(offset: Int, isDaylightSaving: Bool, letters: Int)] = []
    for _ in 0..<header.types {
      let offset = Int(try integer(4))
      let flag = Int(try integer(1))
      types.append((offset, flag != 0, Int(try integer(1))))
    }
    let letters = Array(try take(header.letters))
    _ = try take(header.standardFlags + header.universalFlags)

    guard zip(times, times.dropFirst()).allSatisfy({ $0 < $1 }) else { throw .init(description: "times out of order") }
    guard kinds.allSatisfy({ $0 < types.count }) else { throw .init(description: "a transition to no type") }
    guard types.allSatisfy({ abs($0.offset) < 26 * 3_600 && $0.letters < letters.count }) else {
      throw .init(description: "an impossible local time type")
    }
    let periods = types.map { type in
      TimeZoneRules.Period(
        offset: type.offset, isDaylightSaving: type.isDaylightSaving,
        abbreviation: String(decoding: letters[type.letters...].prefix { $0 != 0 }, as: UTF8.self))
    }
    return TimeZoneRules(transitions: times, periods: [periods[0]] + kinds.map { periods[$0] }, rule: nil)
  }

  /// The rule between two newlines after the second block; an empty one means that none is known.
  mutating func footer() throws(TimeZoneFileError) -> SeasonRule? {
    guard try take(1).first == UInt8(ascii: "\n") else { throw .init(description: "no footer") }
    let text = bytes[position...].prefix { $0 != UInt8(ascii: "\n") }
    guard text.endIndex < bytes.count else { throw .init(description: "the footer has no end") }
    guard !text.isEmpty else { return nil }
    guard let rule = SeasonRule(posix: String(decoding: text, as: UTF8.self)) else {
      throw .init(description: "the footer is not a POSIX time zone: \(String(decoding: text, as: UTF8.self))")
    }
    return rule
  }

  private mutating func take(_ count: Int) throws(TimeZoneFileError) -> ArraySlice<UInt8> {
    guard count <= bytes.count - position else { throw .init(description: "ends after \(bytes.count) bytes") }
    defer { position += count }
    return bytes[position..<position + count]
  }

  /// Big-endian; 4 and 8 bytes are signed.
  private mutating func integer(_ size: Int) throws(TimeZoneFileError) -> Int64 {
    let value = try take(size).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return size == 4 ? Int64(Int32(truncatingIfNeeded: value)) : Int64(bitPattern: value)
  }
}
