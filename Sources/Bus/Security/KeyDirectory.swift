import Glibc
import Messages
import PrivateFiles

/// A folder of keys (0700): each own key as `NAME.secret`, who may come in as `authorized`, and by which public key each tier is
/// known as `tiers`. A machine needs only those of its own: a source its secret and `tiers`.
public struct KeyDirectory: Sendable {
  public let path: String
  public static let tierNames = ["alert-intake", "scheduler", "escalator", "notifier"]

  public init(_ path: String) {
    self.path = path
  }

  public var authorizedPath: String { "\(path)/authorized" }
  public var tiersPath: String { "\(path)/tiers" }
  public func secretPath(of name: String) -> String { "\(path)/\(name).secret" }

  public func secret(of name: String) throws(KeyFileError) -> KeyPair {
    try SecretKeyFile.read(secretPath(of: name))
  }

  public func authorized() throws(KeyFileError) -> KeyStore {
    try KeyStore.read(authorizedPath)
  }

  /// By which key each tier is known, by its name.
  public func tiers() throws(KeyFileError) -> [String: PublicKey] {
    var tiers: [String: PublicKey] = [:]
    let text = try KeyFiles.list(tiersPath)
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      guard !line.isEmpty, line != "#", !line.hasPrefix("# ") else { continue }
      let words = line.split(separator: " ")
      guard words.count == 2, Self.tierNames.contains(String(words[0])), let key = PublicKey(String(words[1])) else {
        throw KeyFileError(
          tiersPath, line: index + 1,
          "needs a tier (\(Self.tierNames.joined(separator: ", "))) and its public key of 40 letters")
      }
      tiers[String(words[0])] = key
    }
    return tiers
  }

  /// - Throws: when others may look into the folder.
  public func check() throws(KeyFileError) {
    do throws(PrivateFileFault) {
      try PrivateFile.checkFolder(path)
    } catch {
      let cure = error.isMissing ? ": \"tocsinctl keys init --keys \(path)\" makes one" : ""
      throw KeyFileError(path, error.words + cure)
    }
  }
}
