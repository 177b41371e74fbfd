import Addresses
import Messages

/// Who may come in: public keys and what each may be used for. A value; `KeyRing` keeps the one that is in force.
public struct KeyStore: Hashable, Sendable {
  public private(set) var keys: [AuthorizedKey] = []
  private var places: [PublicKey: Int] = [:]
  /// The first key of each principal.
  private var principals: [String: Int] = [:]

  public init() {}

  /// - Throws: line and rule. One wrong line makes the whole file wrong: half a list would lock somebody out, or let them in.
  public init(text: String, path: String) throws(KeyFileError) {
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      guard !line.isEmpty, line != "#", !line.hasPrefix("# ") else { continue }
      do throws(KeyLineError) {
        try add(try AuthorizedKey(line: line))
      } catch {
        throw KeyFileError(path, line: index + 1, error.rule)
      }
    }
    guard !keys.isEmpty else { throw KeyFileError(path, "names no key: nobody could come in") }
  }

  public static func read(_ path: String) throws(KeyFileError) -> KeyStore {
    try KeyStore(text: try KeyFiles.list(path), path: path)
  }

  mutating func add(_ key: AuthorizedKey) throws(KeyLineError) {
    guard places[key.key] == nil else { throw KeyLineError("the key \(key.key.short)… is there already") }
    if let other = principals[key.principal].map({ keys[$0] }) {
      guard other.roles == key.roles, other.tenant == key.tenant else {
        throw KeyLineError("\(key.principal) has other roles or another tenant in a line before this one")
      }
    }
    place(key)
  }

  /// All lines of one, so that they may have other roles from now on.
  mutating func remove(_ principal: String) {
    let others = keys.filter { $0.principal != principal }
    self = KeyStore()
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
    guard known.addresses.isEmpty || known.addresses.contains(where: { $0.contains(address) }) else {
      return .address(address)
    }
    return nil
  }

  public var text: String {
    "# Who may come in: one key a line. tocsinctl keys writes it; the tiers notice changes within a second.\n"
      + keys.map { "\($0.line)\n" }.joined()
  }
}
