import Glibc
import Messages

/// What an operator does with keys: one change at a time, each file whole before it is seen.
extension KeyDirectory {
  /// Makes the folder, a key for each tier and one for the administrator; what is there stays. Returns the names made.
  public func make(at now: Instant) throws(KeyFileError) -> [String] {
    if mkdir(path, 0o700) != 0, errno != EEXIST {
      throw KeyFileError(path, "can't be made: \(String(cString: strerror(errno)))")
    }
    try check()
    return try change(orBegin: true) { store throws(KeyFileError) in
      var made: [String] = []
      for (name, roles) in Self.tierNames.map({ ($0, KeyRoles.service) }) + [("admin", .admin)]
      where !store.keys.contains(where: { $0.principal == name }) {
        try add(AuthorizedKey(name, roles: roles, key: newSecret(of: name), from: now), to: &store)
        made.append(name)
      }
      return made
    }
  }

  /// A new principal's first key. Returns where its secret is.
  public func create(
    _ name: String, roles: KeyRoles, tenant: String, addresses: [AddressRange], from now: Instant, until: Instant
  ) throws(KeyFileError) -> String {
    guard AuthorizedKey.isName(Substring(name)) else {
      throw KeyFileError(path, "a principal is named by 1 to 64 letters, digits or .-_:@, not \"\(name.prefix(64))\"")
    }
    return try change { store throws(KeyFileError) in
      guard !store.keys.contains(where: { $0.principal == name }) else {
        throw KeyFileError(authorizedPath, "\(name) has a key already: rotate it, or revoke it and name another")
      }
      let key = try newSecret(of: name)
      try add(
        AuthorizedKey(name, roles: roles, key: key, tenant: tenant, from: now, until: until, addresses: addresses),
        to: &store)
      return secretPath(of: name)
    }
  }

  /// A new key beside the present ones, which stay valid for a while. Returns the new one.
  public func rotate(_ name: String, overlap: Span, at now: Instant) throws(KeyFileError) -> AuthorizedKey {
    try change { store throws(KeyFileError) in
      let valid = store.keys.filter { $0.principal == name && $0.objection(at: now) == nil }
      guard let last = valid.last else {
        throw KeyFileError(authorizedPath, "\(name) has no key that is valid now")
      }
      var next = last
      next.key = try newSecret(of: name, replace: true)
      next.from = now
      if last.until.isSet { next.until = now + (last.until - last.from) }
      for var old in valid {
        let end = now + overlap
        old.until = old.until.isSet ? min(old.until, end) : end
        store.update(old)
      }
      try add(next, to: &store)
      return next
    }
  }

  /// From now on none of the principal's keys is let in, or only those that begin otherwise. Returns how many were revoked.
  public func revoke(_ name: String, key prefix: String, at now: Instant) throws(KeyFileError) -> Int {
    try change { store throws(KeyFileError) in
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

  private func newSecret(of name: String, replace: Bool = false) throws(KeyFileError) -> PublicKey {
    let pair: KeyPair
    do throws(ZeroMQError) {
      pair = try KeyPair.make()
    } catch {
      throw KeyFileError(path, "\(error)")
    }
    try SecretKeyFile.write(pair, of: name, to: secretPath(of: name), replace: replace)
    return pair.publicKey
  }

  private func add(_ key: AuthorizedKey, to store: inout KeyStore) throws(KeyFileError) {
    do throws(KeyLineError) {
      try store.add(key)
    } catch {
      throw KeyFileError(authorizedPath, error.rule)
    }
  }

  /// Reads the list, changes it and writes it back, with nobody else changing it meanwhile.
  private func change<Value>(
    orBegin: Bool = false, _ body: (inout KeyStore) throws(KeyFileError) -> Value
  ) throws(KeyFileError) -> Value {
    try check()
    let lock = open("\(path)/.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard lock >= 0, flock(lock, LOCK_EX) == 0 else {
      throw KeyFileError(path, "can't be locked: \(String(cString: strerror(errno)))")
    }
    defer { close(lock) }
    var store = orBegin && access(authorizedPath, F_OK) != 0 ? KeyStore() : try authorized()
    let before = store
    let value = try body(&store)
    guard store != before else { return value }
    try KeyFiles.write(store.text, to: authorizedPath, mode: 0o600, replace: true)
    let tiers = Self.tierNames.compactMap { name in
      store.keys.last { $0.principal == name && !$0.revokedAt.isSet }.map { "\(name) \($0.key)\n" }
    }
    try KeyFiles.write(
      "# By which key each tier is known: public.\n\(tiers.joined())", to: tiersPath, mode: 0o600, replace: true)
    return value
  }
}
