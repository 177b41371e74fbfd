import Bus
import CivilTime
import Messages

/// What is different between two lists of those who may come in, for the audit: public halves only, and of them the beginning.
enum KeyListChanges {
  static let changesAtMost = 200

  static func lines(_ store: KeyStore) -> [String] { store.keys.map(\.line) }

  /// - Parameter before: lines of the list that was in force; nil: none is known.
  /// - Returns: nil when both say the same.
  static func record(from before: [String]?, to store: KeyStore) -> AuditRecord? {
    let old = try? KeyStore(text: (before ?? []).map { "\($0)\n" }.joined(), path: "")
    var changes: [AuditChange] = []
    var (added, changed, gone) = (0, 0, 0)
    for key in store.keys {
      let known = old?[key.key]
      guard known != key else { continue }
      if known == nil { added += 1 } else { changed += 1 }
      changes.append(AuditChange(name: name(key), before: known.map(words) ?? "", after: words(key)))
    }
    for key in old?.keys ?? [] where store[key.key] == nil {
      gone += 1
      changes.append(AuditChange(name: name(key), before: words(key)))
    }
    guard before == nil || !changes.isEmpty else { return nil }
    let counts = [(added, "added"), (changed, "changed"), (gone, "taken off")].filter { $0.0 > 0 }
    let what =
      before == nil
      ? "the list of keys is in force for the first time" : "the list of keys was changed"
    if changes.count > changesAtMost {
      changes = changes.prefix(changesAtMost) + [AuditChange(name: "more", after: "\(changes.count - changesAtMost)")]
    }
    return AuditRecord(
      from: "this machine's files",
      what: "\(what): \(counts.map { "\($0.0) \($0.1)" }.joined(separator: ", "))", changes: changes)
  }

  private static func name(_ key: AuthorizedKey) -> String { "key \(key.key.short)… of \(key.principal)" }

  private static func words(_ key: AuthorizedKey) -> String {
    var words = ["roles \(key.roles.words)", "from \(key.from.rfc3339)"]
    if key.until.isSet { words.append("until \(key.until.rfc3339)") }
    if key.revokedAt.isSet { words.append("revoked \(key.revokedAt.rfc3339)") }
    if !key.addresses.isEmpty {
      words.append("only from \(key.addresses.map(\.description).joined(separator: ", "))")
    }
    return words.joined(separator: ", ")
  }
}
