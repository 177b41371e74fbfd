import Addresses
import Messages

/// Who may come in: public keys and what each may be used for. A value; `KeyRing` keeps the one that is in force.
public struct KeyStore: Hashable, Sendable {
  public private(set) var keys: [AuthorizedKey] = []
  /// Lines of roles that only another version knows: whose they are isn't let in here, and everybody else is.
  public private(set) var skipped: [SkippedKey] = []
  private var places: [PublicKey: Int] = [:]
  /// The first key of each principal.
  private var principals: [String: Int] = [:]

  public init() {}

  /// - Throws: line and rule. One wrong line makes the whole file wrong: half a list would lock somebody out, or let them in. Not so
  ///   a line whose role is unknown: it is skipped, so that tiers of two versions can share a list.
  public init(text: String, path: String) throws(KeyFileError) {
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      guard !line.isEmpty, line != "#", !line.hasPrefix("# ") else { continue }
      do throws(KeyLineError) {
        try add(try AuthorizedKey(line: line))
      } catch {
        let other = SkippedKey(line: index + 1, text: String(line), rule: error.rule)
        // Whose roles differ from line to line is nobody in any version.
        guard error.isOfUnknownRole, principals[other.principal] == nil else {
          throw KeyFileError(path, line: index + 1, error.rule)
        }
        skipped.append(other)
      }
    }
    guard !keys.isEmpty else { throw KeyFileError(path, "names no key: nobody could come in") }
  }

  public static func read(_ path: String) throws(KeyFileError) -> KeyStore {
    try KeyStore(text: try KeyFiles.list(path), path: path)
  }

  mutating func add(_ key: AuthorizedKey) throws(KeyLineError) {
    guard places[key.key] == nil else { throw KeyLineError("the key \(key.key.short)… is there already") }
    guard !skipped.contains(where: { $0.principal == key.principal }) else {
      throw KeyLineError("\(key.principal) has a line with a role that this version doesn't know")
    }
    if let other = principals[key.principal].map({ keys[$0] }) {
      guard other.roles == key.roles else {
        throw KeyLineError("\(key.principal) has other roles in a line before this one")
      }
    }
    place(key)
  }

  /// All lines of one, so that they may have other roles from now on.
  mutating func remove(_ principal: String) {
    let others = keys.filter { $0.principal != principal }
    (keys, places, principals) = ([], [:], [:])
    for key in others { place(key) }
  }

  private mutating func place(_ key: AuthorizedKey) {
    places[key.key] = keys.count
    if principals[key.principal] == nil { principals[key.principal] = keys.count }
    keys.append(key)
  }

  /// The same key, with other dates.
  mutating func update(_ key: AuthorizedKey) {
    if let place = places[key.key] { keys[place] = key }
  }

  public subscript(_ key: PublicKey) -> AuthorizedKey? {
    places[key].map { keys[$0] }
  }

  /// Whether somebody with this key comes in from this address at this instant.
  func admits(_ key: PublicKey, from address: String, at now: Instant) -> KeyObjection? {
    guard let known = self[key] else { return .unknown }
    if let objection = known.objection(at: now) { return objection }
    return known.isGood(from: address) ? nil : .address(address)
  }

  public var text: String {
    "# Who may come in: one key a line. tocsinctl keys writes it; the tiers notice changes within a second.\n"
      + keys.map { "\($0.line)\n" }.joined() + skipped.map { "\($0.text)\n" }.joined()
  }
}

/// A line of the list that is no use to this version, and stays in it.
public struct SkippedKey: Hashable, Sendable, CustomStringConvertible {
  /// In the file that was read, from 1 on.
  public var line: Int
  var text: String
  var rule: String

  public var principal: String { String(text.prefix { $0 != " " }) }
  public var description: String { "line \(line) (\(principal)) is skipped: \(rule)" }
}
