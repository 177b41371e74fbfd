import AlertSources
import Bus
import Configuration
import Glibc
import Messages
import PrivateFiles
import Subscribing

/// A folder (0700) with two files for each source: `NAME.http-key` has the keys that it shows here, one a line, and `NAME.secret` the
/// CURVE key with which intake knows it; where it needs them `NAME.yaml`, how it is read, and `NAME.grafana-hmac`, with what it signs;
/// and `tiers`, by which key intake is known. Nobody else's secrets need be there.
struct IntegrationFolder: Sendable {
  static let suffix = KeyDirectory.httpKeySuffix
  static let signingSuffix = ".grafana-hmac"
  static let settingsSuffix = ".yaml"
  private static let bytesAtMost = 16 * 1_024

  let path: String
  /// Whether intake demands CURVE.
  let hasKeys: Bool

  /// Everything as it is now, in order of name.
  ///
  /// - Throws: what is wrong with which file: half of them would turn sources away for good.
  func read() throws(RelayFailure) -> [Integration] {
    let names = try names()
    var integrations: [Integration] = []
    var owners: [SecretDigest: String] = [:]
    for name in names {
      let keys = try keys(of: name)
      for key in keys {
        if let other = owners.updateValue(name, forKey: key), other != name {
          throw RelayFailure("\(path): \(other)\(Self.suffix) and \(name)\(Self.suffix) hold the same key")
        }
      }
      integrations.append(
        Integration(
          source: name, keys: keys, pair: try pair(of: name), signingSecret: try signingSecret(of: name),
          settings: try settings(of: name)))
    }
    return integrations
  }

  /// What intake must prove to be.
  func intakeKey() throws(RelayFailure) -> PublicKey? {
    guard hasKeys else { return nil }
    do throws(KeyFileError) {
      guard let key = try KeyDirectory(path).tiers()["alert-intake"] else {
        throw KeyFileError(KeyDirectory(path).tiersPath, "has no key of alert-intake")
      }
      return key
    } catch {
      throw RelayFailure("\(error)")
    }
  }

  private func names() throws(RelayFailure) -> [String] {
    do throws(PrivateFileFault) {
      try PrivateFile.checkFolder(path)
    } catch {
      throw RelayFailure("\(path) \(error.words)")
    }
    guard let folder = opendir(path) else {
      throw RelayFailure("\(path) can't be read: \(String(cString: strerror(errno)))")
    }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let file = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if file.hasSuffix(Self.suffix), !file.hasPrefix(".") { names.append(String(file.dropLast(Self.suffix.count))) }
    }
    return names.sorted()
  }

  private func keys(of name: String) throws(RelayFailure) -> [SecretDigest] {
    let file = "\(path)/\(name)\(Self.suffix)"
    let bytes: [UInt8]
    do throws(PrivateFileFault) {
      bytes = try PrivateFile.read(file, isOwn: true, bytesAtMost: Self.bytesAtMost)
    } catch {
      throw RelayFailure("\(file) \(error.words)")
    }
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").filter { !$0.hasPrefix("#") }
    guard !lines.isEmpty, lines.allSatisfy(Self.isKey) else {
      throw RelayFailure("\(file) must hold keys of 16 to 128 letters without spaces, one a line")
    }
    return lines.map { SecretDigest(of: $0) }
  }

  private func signingSecret(of name: String) throws(RelayFailure) -> SigningSecret? {
    let file = "\(path)/\(name)\(Self.signingSuffix)"
    guard access(file, F_OK) == 0 else { return nil }
    do throws(PrivateFileFault) {
      return SigningSecret(try PrivateFile.line(file, isOwn: true, bytesAtMost: Self.bytesAtMost))
    } catch {
      throw RelayFailure("\(file) \(error.words)")
    }
  }

  private func settings(of name: String) throws(RelayFailure) -> IntegrationSettings {
    let file = "\(path)/\(name)\(Self.settingsSuffix)"
    var settings = IntegrationSettings()
    guard access(file, F_OK) == 0 else { return settings }
    do throws(ConfigurationError) {
      for source in try SourceFile.gather([file]) {
        let read = try IntegrationFile(reading: source)
        settings.severities = .usual.with(read.severities)
        settings.service = read.service
      }
    } catch {
      throw RelayFailure("\(error)")
    }
    return settings
  }

  private static func isKey(_ line: Substring) -> Bool {
    (16...128).contains(line.utf8.count) && line.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }
  }

  private func pair(of name: String) throws(RelayFailure) -> KeyPair? {
    guard hasKeys else { return nil }
    do throws(KeyFileError) {
      return try KeyDirectory(path).secret(of: name)
    } catch {
      throw RelayFailure("\(error)")
    }
  }
}
