import Foundation
import Glibc
import Messages
import Subscribing
import Testing

@testable import Relaying

/// Who may report, as a folder says; a folder that isn't right says why and changes nothing.
@Suite struct IntegrationFolderTests {
  private static let key = "0123456789abcdef0123456789abcdef"

  private func withFolder(_ body: (_ put: (String, String, mode_t) -> Void, IntegrationFolder) throws -> Void) throws {
    let path = NSTemporaryDirectory() + "tocsin-folder-\(UInt64.random(in: 0...(.max)))"
    mkdir(path, 0o700)
    defer { try? FileManager.default.removeItem(atPath: path) }
    try body(
      { name, text, mode in
        _ = FileManager.default.createFile(atPath: "\(path)/\(name)", contents: Data(text.utf8))
        chmod("\(path)/\(name)", mode)
      }, IntegrationFolder(path: path, hasKeys: false))
  }

  private func complaint(_ folder: IntegrationFolder) -> String {
    do {
      _ = try folder.read()
      return ""
    } catch { return error.description }
  }

  @Test func eachFileOfKeysIsASource() throws {
    try withFolder { put, folder in
      #expect(try folder.read().isEmpty)
      put("grafana.http-key", "# for Grafana\n\(Self.key)\nanother-key-of-grafana\n", 0o400)
      put("alertmanager.http-key", "a-key-for-alertmanager\n", 0o400)
      put("grafana.yaml", "severities: { page: SEV-1, Critical: SEV-2 }\nservice: dashboards\n", 0o644)
      let found = try folder.read()
      #expect(found.map(\.source) == ["alertmanager", "grafana"])
      #expect(found[1].keys == [SecretDigest(of: Self.key), SecretDigest(of: "another-key-of-grafana")])
      #expect(found[1].settings.service == "dashboards")
      #expect(found[1].settings.severities.severity(of: "page") == .sev1)
      #expect(found[1].settings.severities.severity(of: "critical") == .sev2)
      #expect(found[0].settings == IntegrationSettings())
    }
  }

  @Test func whatIsWrongIsNamed() throws {
    try withFolder { put, folder in
      put("a.http-key", "\(Self.key)\n", 0o644)
      #expect(complaint(folder).contains("a.http-key can be read by others (mode 644)"))
      put("a.http-key", "short\n", 0o400)
      #expect(complaint(folder).contains("a.http-key must hold keys of 16 to 128 letters"))
      chmod("\(folder.path)/a.http-key", 0o600)
      put("a.http-key", "\(Self.key)\n", 0o400)
      put("b.http-key", "\(Self.key)\n", 0o400)
      #expect(complaint(folder).contains("a.http-key and b.http-key hold the same key"))
      unlink("\(folder.path)/b.http-key")
      put("a.yaml", "severities: { page: SEV-9 }\nservic: x\n", 0o600)
      let words = complaint(folder)
      #expect(words.contains("a.yaml:1") && words.contains("SEV-9") && words.contains("did you mean \"service\""))
      chmod(folder.path, 0o755)
      #expect(complaint(folder).contains("is open to others"))
    }
  }
}
