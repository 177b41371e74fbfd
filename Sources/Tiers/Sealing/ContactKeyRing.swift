import Machinery
import Messages

/// Every person's key, and which keys were erased: what the notifier's key file says.
///
///     key <64 hexadecimal digits> ana
///     erased <16 hexadecimal digits>
///
/// What an erased key has sealed is known to be gone. What was sealed with a key that is neither here nor erased means that this
/// is another notifier's file, or an older copy of it.
public struct ContactKeyRing: Hashable, Sendable {
  private var current: [String: ContactKey] = [:]
  private var people: [KeyID: String] = [:]
  private(set) var erased: Set<KeyID> = []

  public init() {}

  func key(of person: String) -> ContactKey? { current[person] }
  func key(_ id: KeyID) -> ContactKey? { people[id].flatMap { current[$0] } }

  mutating func add(_ key: ContactKey, of person: String) {
    current[person] = key
    people[key.id] = person
  }

  /// - Returns: whether there was one.
  @discardableResult
  mutating func erase(_ person: String) -> Bool {
    guard let key = current.removeValue(forKey: person) else { return false }
    people[key.id] = nil
    erased.insert(key.id)
    return true
  }
}

/// As text, a line each.
extension ContactKeyRing {
  private static let head = """
    # What the contacts in this notifier's journal are sealed with, a key for each person. Without this file they can't be read:
    # keep copies of it, away from copies of the journal. `tocsinctl contact erase` replaces a person's line by one that says so.

    """

  public var text: String {
    let keys = current.sorted { $0.key < $1.key }.map {
      "key \(HexText.of($0.value.bytes)) \(Self.escaped($0.key))\n"
    }
    let gone = erased.map(\.description).sorted().map { "erased \($0)\n" }
    return Self.head + keys.joined() + gone.joined()
  }

  /// - Throws: `ContactKeyFailure`, with the number of the line that is none.
  public init(_ text: String) throws(ContactKeyFailure) {
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let words = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
      if words == [""] || words[0].hasPrefix("#") { continue }
      if words.count == 3, words[0] == "key", let bytes = HexText.bytes(words[1]), bytes.count == ContactKey.size,
        let person = Self.unescaped(words[2]), !person.isEmpty, current[person] == nil
      {
        add(ContactKey(bytes), of: person)
      } else if words.count == 2, words[0] == "erased", let bytes = HexText.bytes(words[1]), bytes.count == KeyID.size {
        erased.insert(KeyID(bytes))
      } else {
        throw ContactKeyFailure(
          "line \(index + 1) is neither \"key\", 64 hexadecimal digits and a person, nor \"erased\" and 16 of them")
      }
    }
  }

  /// A person's id can hold anything; in the file it is one word.
  private static func escaped(_ person: String) -> String {
    person.utf8.map { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f: String(Unicode.Scalar(byte))
      default: "%" + HexText.of([byte])
      }
    }.joined()
  }

  private static func unescaped(_ word: String) -> String? {
    var bytes: [UInt8] = []
    var rest = Substring(word)
    while let first = rest.utf8.first {
      rest = rest.dropFirst()
      if first == UInt8(ascii: "%") {
        guard let byte = HexText.bytes(rest.prefix(2)), byte.count == 1 else { return nil }
        bytes += byte
        rest = rest.dropFirst(2)
      } else {
        bytes.append(first)
      }
    }
    return String(validating: bytes, as: UTF8.self)
  }
}

/// Why contacts can't be read, for the operator. Holds neither a key nor an address.
public struct ContactKeyFailure: Error, Hashable, CustomStringConvertible {
  public var description: String

  public init(_ description: String) {
    self.description = description
  }
}
