import Wire

/// Which type of message an input is meant to be, by its first two bytes.
///
/// By a hash of the name, and not by its place in a list: a type that is added leaves nearly all inputs of the corpus what they were.
struct MessageChoice: Sendable {
  private let ring: [(mark: UInt16, name: String)]
  static let any = MessageChoice(Schema.messageNames)
  /// "intake" of tocsin.intake.v1, in order.
  static let packages = Set(Schema.messageNames.map { package(of: $0) }).sorted()

  init(of package: String) {
    self.init(Schema.messageNames.filter { Self.package(of: $0) == package })
  }

  private init(_ names: [String]) {
    ring = names.map { (Self.mark($0), $0) }.sorted { ($0.mark, $0.name) < ($1.mark, $1.name) }
  }

  func has(_ name: String) -> Bool { ring.contains { $0.name == name } }

  func selector(of name: String) -> [UInt8] {
    let mark = Self.mark(name)
    return [UInt8(mark >> 8), UInt8(mark & 255)]
  }

  /// nil: too short to say anything.
  func split(_ bytes: [UInt8]) -> (type: any WireMessage.Type, payload: [UInt8])? {
    guard bytes.count >= 2 else { return nil }
    let mark = UInt16(bytes[0]) << 8 | UInt16(bytes[1])
    guard let found = ring.first(where: { $0.mark >= mark }) ?? ring.first, let type = Schema.types[found.name] else {
      return nil
    }
    return (type, Array(bytes[2...]))
  }

  private static func package(of name: String) -> String {
    let parts = name.split(separator: ".")
    return parts.count > 1 ? String(parts[1]) : name
  }

  /// FNV-1a, folded.
  private static func mark(_ name: String) -> UInt16 {
    let hash = name.utf8.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 }
    return UInt16(truncatingIfNeeded: hash >> 16 ^ hash)
  }
}
