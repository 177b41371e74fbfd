import Glibc
import Messages

/// What the gateway needs to show pages to people: a key with the role `pages`, and what sessions are sealed with.
extension KeyDirectory {
  /// The principal of the pages.
  public static let pagesName = "gateway"

  /// What sessions are sealed with, in the gateway's folder.
  public var pagesSessionPath: String { "\(path)/\(Self.pagesName).sessions" }

  /// Makes what is missing. Returns whether anything was.
  ///
  /// - Parameters:
  ///   - folder: the gateway's; made when it isn't there.
  ///   - renews: draws the secret of sessions anew, which ends all of them.
  public func showPages(
    from folder: String, renews: Bool = false, since now: Instant, until: Instant
  ) throws(KeyFileError) -> Bool {
    if mkdir(folder, 0o700) != 0, errno != EEXIST {
      throw KeyFileError(folder, "can't be made: \(String(cString: strerror(errno)))")
    }
    let other = KeyDirectory(folder)
    try other.check()
    let isNew = try bringPagesKey(to: other, since: now, until: until)
    try KeyFiles.write(try KeyFiles.list(tiersPath), to: other.tiersPath, mode: 0o600)
    guard renews || access(other.pagesSessionPath, F_OK) != 0 else { return isNew }
    var random = SystemRandomNumberGenerator()
    let secret = HexText.of((0..<32).map { _ in UInt8.random(in: 0...255, using: &random) })
    try KeyFiles.write(
      "# What sessions at the pages are sealed with: whoever has it can be anybody there.\n\(secret)\n",
      to: other.pagesSessionPath, mode: 0o400)
    return true
  }

  /// The secret that the tiers know now is in the other folder afterwards.
  private func bringPagesKey(
    to other: KeyDirectory, since now: Instant, until: Instant
  ) throws(KeyFileError) -> Bool {
    let name = Self.pagesName
    let known = try authorized().keys.filter { $0.principal == name && $0.objection(at: now) == nil }
    guard known.allSatisfy({ $0.roles == .pages }) else {
      throw KeyFileError(authorizedPath, "\(name) is something else already: the pages need that name")
    }
    for folder in [self, other] {
      guard let pair = try? folder.secret(of: name), known.contains(where: { $0.key == pair.publicKey }) else {
        continue
      }
      if folder.path != other.path { try SecretKeyFile.write(pair, of: name, to: other.secretPath(of: name)) }
      return false
    }
    guard known.isEmpty else {
      throw KeyFileError(
        path,
        "\(name) has a key, and its secret is neither here nor in \(other.path): \"tocsinctl keys rotate \(name)\"")
    }
    _ = try create(name, roles: .pages, addresses: [], from: now, until: until)
    try SecretKeyFile.write(try secret(of: name), of: name, to: other.secretPath(of: name))
    return true
  }
}
