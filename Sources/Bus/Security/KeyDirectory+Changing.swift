import Addresses
import Glibc
import Messages

/// What an operator does with keys: one change at a time, each file whole before it is seen.
///
/// A new secret waits as `NAME.secret.next` until the list that names its key is on disk, and takes its place then: wherever a
/// change ends, the secret that is there is one that is let in, and the next change finishes or forgets what was begun.
extension KeyDirectory {
  /// Makes the folder, a key for each tier and one for the administrator; what is there stays, and a secret that the list doesn't
  /// know is put on it. Returns the names that are new on the list.
  public func make(at now: Instant) throws(KeyFileError) -> [String] {
    if mkdir(path, 0o700) != 0, errno != EEXIST {
      throw KeyFileError(path, "can't be made: \(String(cString: strerror(errno)))")
    }
    try check()
    return try change(Self.tierNames + ["admin"], orBegin: true) { store throws(KeyFileError) in
      var made: [String] = []
      for (name, roles) in Self.tierNames.map({ ($0, KeyRoles.service) }) + [("admin", .admin)]
      where !store.keys.contains(where: { $0.principal == name }) {
        try add(AuthorizedKey(name, roles: roles, key: presentOrNewSecret(of: name), from: now), to: &store)
        made.append(name)
      }
      return made
    }
  }

  /// A new principal's first key, or another one where all that it had are over. Returns where its secret is.
  public func create(
    _ name: String, roles: KeyRoles, addresses: [IPNetwork], from now: Instant, until: Instant
  ) throws(KeyFileError) -> String {
    guard AuthorizedKey.isName(Substring(name)) else {
      throw KeyFileError(path, "a principal is named by 1 to 64 letters, digits or .-_:@, not \"\(name.prefix(64))\"")
    }
    return try change([name]) { store throws(KeyFileError) in
      let before = store.keys.filter { $0.principal == name }
      guard before.allSatisfy({ $0.isOver(at: now) }) else {
        throw KeyFileError(authorizedPath, "\(name) has a key already: rotate it, or revoke it first")
      }
      if let last = before.last, last.roles != roles { store.remove(name) }
      let key = try newSecret(of: name)
      try add(
        AuthorizedKey(name, roles: roles, key: key, from: now, until: until, addresses: addresses),
        to: &store)
      return secretPath(of: name)
    }
  }

  /// A new key beside the present ones, which stay valid for a while, or after one that has expired. Returns the new one.
  public func rotate(_ name: String, overlap: Span, at now: Instant) throws(KeyFileError) -> AuthorizedKey {
    try change([name]) { store throws(KeyFileError) in
      let own = store.keys.filter { $0.principal == name && !$0.revokedAt.isSet }
      guard let last = own.last else {
        throw KeyFileError(authorizedPath, "\(name) has no key that isn't revoked: create one")
      }
      var next = last
      next.key = try newSecret(of: name)
      next.from = now
      if last.until.isSet { next.until = now + (last.until - last.from) }
      for var old in own where old.objection(at: now) == nil {
        // A line that ends when it begins is none.
        let end = max(now + overlap, old.from + .seconds(1))
        old.until = old.until.isSet ? min(old.until, end) : end
        store.update(old)
      }
      try add(next, to: &store)
      return next
    }
  }

  /// From now on none of the principal's keys is let in, or only those that begin otherwise. Returns how many were revoked.
  public func revoke(_ name: String, key prefix: String, at now: Instant) throws(KeyFileError) -> Int {
    try change([name]) { store throws(KeyFileError) in
      let meant = store.keys.filter {
        $0.principal == name && !$0.revokedAt.isSet && $0.key.text.hasPrefix(prefix)
      }
      guard !meant.isEmpty else {
        throw KeyFileError(
          authorizedPath, "\(name) has no key\(prefix.isEmpty ? "" : " that begins with \(prefix)") that isn't revoked")
      }
      for var key in meant {
        key.revokedAt = now
        store.update(key)
      }
      return meant.count
    }
  }

  // MARK: Files

  private func nextPath(of name: String) -> String { "\(secretPath(of: name)).next" }

  private func newSecret(of name: String) throws(KeyFileError) -> PublicKey {
    let pair: KeyPair
    do throws(ZeroMQError) {
      pair = try KeyPair.make()
    } catch {
      throw KeyFileError(path, "\(error)")
    }
    try SecretKeyFile.write(pair, of: name, to: nextPath(of: name))
    return pair.publicKey
  }

  private func presentOrNewSecret(of name: String) throws(KeyFileError) -> PublicKey {
    guard access(secretPath(of: name), F_OK) == 0 else { return try newSecret(of: name) }
    return try secret(of: name).publicKey
  }

  /// New secrets whose keys are on the list take their places; others belong to changes that ended before it was written.
  private func putInPlace(_ names: [String], by store: KeyStore) throws(KeyFileError) {
    for name in names where access(nextPath(of: name), F_OK) == 0 {
      if store[try SecretKeyFile.read(nextPath(of: name)).publicKey] != nil {
        try KeyFiles.move(nextPath(of: name), to: secretPath(of: name))
      } else {
        unlink(nextPath(of: name))
      }
    }
  }

  private func add(_ key: AuthorizedKey, to store: inout KeyStore) throws(KeyFileError) {
    do throws(KeyLineError) {
      try store.add(key)
    } catch {
      throw KeyFileError(authorizedPath, error.rule)
    }
  }

  /// Reads the list, changes it and writes it back, with nobody else changing it meanwhile.
  /// - Parameter names: whose secrets may be made anew.
  private func change<Value>(
    _ names: [String], orBegin: Bool = false, _ body: (inout KeyStore) throws(KeyFileError) -> Value
  ) throws(KeyFileError) -> Value {
    try check()
    let lock = open("\(path)/.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard lock >= 0, flock(lock, LOCK_EX) == 0 else {
      throw KeyFileError(path, "can't be locked: \(String(cString: strerror(errno)))")
    }
    defer { close(lock) }
    var store = orBegin && access(authorizedPath, F_OK) != 0 ? KeyStore() : try authorized()
    try putInPlace(names, by: store)
    let before = store
    let value = try body(&store)
    if store != before { try KeyFiles.write(store.text, to: authorizedPath, mode: 0o600) }
    try putInPlace(names, by: store)
    let known = Self.tierNames.compactMap { name in
      store.keys.last { $0.principal == name && !$0.revokedAt.isSet }.map { "\(name) \($0.key)\n" }
    }
    let tiers = "# By which key each tier is known: public.\n\(known.joined())"
    if (try? KeyFiles.list(tiersPath)) != tiers { try KeyFiles.write(tiers, to: tiersPath, mode: 0o600) }
    return value
  }
}
