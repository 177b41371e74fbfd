import Bus

/// By which keys the gateway and a tier know each other where it speaks in one of its own names.
struct LineKeys: Sendable {
  /// The gateway's folder.
  let path: String
  /// Whether the tiers demand CURVE.
  let hasKeys: Bool
  /// The principal, whose secret is in the folder.
  let name: String
  let role: String
  /// In the log.
  let purpose: String
  /// The command that brings what is missing.
  let cure: String

  static func noticeboard(_ path: String, hasKeys: Bool) -> LineKeys {
    LineKeys(
      path: path, hasKeys: hasKeys, name: KeyDirectory.noticeboard, role: "noticeboard", purpose: "for the public",
      cure: "tocsinctl keys noticeboard")
  }

  static func pages(_ path: String, hasKeys: Bool) -> LineKeys {
    LineKeys(
      path: path, hasKeys: hasKeys, name: KeyDirectory.pagesName, role: "pages", purpose: "pages",
      cure: "tocsinctl keys pages")
  }

  /// For a tier; nil where the cluster runs without keys.
  ///
  /// - Throws: which is missing or can't be used, and what brings it.
  func keys(for tier: String) throws(RelayFailure) -> ClientKeys? {
    guard hasKeys else { return nil }
    do throws(KeyFileError) {
      let directory = KeyDirectory(path)
      let own = try directory.secret(of: name)
      guard let server = try directory.tiers()[tier] else {
        throw KeyFileError(directory.tiersPath, "has no key of \(tier)")
      }
      return ClientKeys(own: own, server: server)
    } catch {
      throw RelayFailure("\(error) (\(cure) brings what is missing)")
    }
  }
}
