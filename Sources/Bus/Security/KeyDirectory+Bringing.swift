import Glibc

/// What the gateway's folder has of a rotation.
extension KeyDirectory {
  /// A file that stands in both folders.
  public enum SharedFile: Hashable, Sendable {
    /// By which keys tiers are known.
    case tiers
    case secret(String)

    public func path(in folder: KeyDirectory) -> String {
      switch self {
      case .tiers: folder.tiersPath
      case .secret(let name): folder.secretPath(of: name)
      }
    }
  }

  /// What is another in the gateway's folder than here after a principal's key was rotated; nil where there is no such folder.
  public func outdated(in other: KeyDirectory, after name: String) -> [SharedFile]? {
    // One that can't be looked into is there.
    guard access(other.tiersPath, F_OK) == 0 || errno == EACCES else { return nil }
    var files: [SharedFile] = []
    if access(other.secretPath(of: name), F_OK) == 0,
      (try? other.secret(of: name).publicKey) != (try? secret(of: name).publicKey)
    {
      files.append(.secret(name))
    }
    if (try? KeyFiles.list(other.tiersPath)) != (try? KeyFiles.list(tiersPath)) { files.append(.tiers) }
    return files
  }

  public func bring(_ file: SharedFile, to other: KeyDirectory) throws(KeyFileError) {
    try other.check()
    switch file {
    case .tiers: try KeyFiles.write(try KeyFiles.list(tiersPath), to: other.tiersPath, mode: 0o600)
    case .secret(let name): try SecretKeyFile.write(try secret(of: name), of: name, to: other.secretPath(of: name))
    }
  }
}
