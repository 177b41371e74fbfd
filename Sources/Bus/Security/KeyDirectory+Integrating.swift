import Glibc
import Messages

/// What the gateway needs of a source: its secret, by which key intake is known, and the keys that it shows over HTTP; in a folder of
/// its own, so that the gateway, which strangers can reach, holds nobody else's keys.
extension KeyDirectory {
  /// The files of a source in the gateway's folder.
  public static let httpKeySuffix = ".http-key"

  /// Makes what is missing: the source (role `source`), its files in the gateway's folder, a key for HTTP. Returns that key, the newest
  /// where there are several.
  ///
  /// - Parameters:
  ///   - folder: the gateway's; made when it isn't there.
  ///   - renews: makes another HTTP key before those that are there, which go on until they are taken out of the file.
  public func integrate(
    _ name: String, into folder: String, renews: Bool = false, from now: Instant, until: Instant
  ) throws(KeyFileError) -> String {
    try equip(folder, with: name, roles: .source, from: now, until: until)
    let path = "\(folder)/\(name)\(Self.httpKeySuffix)"
    var lines = ["# The HTTP keys of \(name), one a line, each of them good. Nobody else may have them."]
    if access(path, F_OK) == 0 {
      let present = try KeyFiles.secret(path).split(separator: "\n").map(String.init)
      if !renews, let key = present.first(where: { !$0.hasPrefix("#") }) { return key }
      lines = present
    }
    let key = Self.newHTTPKey()
    lines.insert(key, at: lines.prefix { $0.hasPrefix("#") }.count)
    try KeyFiles.write(lines.joined(separator: "\n") + "\n", to: path, mode: 0o400)
    return key
  }

  /// The principal as which the gateway asks for what others may see.
  public static let noticeboard = "noticeboard"

  /// Lets a gateway show the status page and calendars: makes the principal where it is missing, and brings its secret there.
  public func lendNoticeboard(to folder: String, from now: Instant, until: Instant) throws(KeyFileError) {
    try equip(folder, with: Self.noticeboard, roles: .noticeboard, from: now, until: until)
  }

  /// The folder is there, and has what a principal needs to reach the tiers.
  private func equip(
    _ folder: String, with name: String, roles: KeyRoles, from now: Instant, until: Instant
  ) throws(KeyFileError) {
    if mkdir(folder, 0o700) != 0, errno != EEXIST {
      throw KeyFileError(folder, "can't be made: \(String(cString: strerror(errno)))")
    }
    let other = KeyDirectory(folder)
    try other.check()
    try bring(name, roles: roles, to: other, from: now, until: until)
    try KeyFiles.write(try KeyFiles.list(tiersPath), to: other.tiersPath, mode: 0o600)
  }

  /// The secret that tiers know now is in the other folder afterwards.
  private func bring(
    _ name: String, roles: KeyRoles, to other: KeyDirectory, from now: Instant, until: Instant
  ) throws(KeyFileError) {
    let known = try authorized().keys.filter { $0.principal == name && $0.objection(at: now) == nil }
    guard known.allSatisfy({ $0.roles == roles }) else {
      throw KeyFileError(
        authorizedPath, "\(name) is more than a \(roles.words): give the integration a name of its own")
    }
    func holds(_ folder: KeyDirectory) -> KeyPair? {
      guard let pair = try? folder.secret(of: name), known.contains(where: { $0.key == pair.publicKey }) else {
        return nil
      }
      return pair
    }
    // What was made or rotated last is in this folder.
    if let pair = holds(self) { return try SecretKeyFile.write(pair, of: name, to: other.secretPath(of: name)) }
    if holds(other) != nil { return }
    guard known.isEmpty else {
      throw KeyFileError(
        path,
        "\(name) has a key, and its secret is neither here nor in \(other.path): \"tocsinctl keys rotate \(name)\"")
    }
    _ = try create(name, roles: roles, addresses: [], from: now, until: until)
    try SecretKeyFile.write(try secret(of: name), of: name, to: other.secretPath(of: name))
  }

  /// 32 hexadecimal digits: as long as PagerDuty's keys, which some clients insist on.
  private static func newHTTPKey() -> String {
    let digits = Array("0123456789abcdef")
    var random = SystemRandomNumberGenerator()
    return String((0..<32).map { _ in digits[Int.random(in: 0..<16, using: &random)] })
  }
}
