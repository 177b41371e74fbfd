import Foundation
import Messages
import Providers

/// A mail server with a certificate of its own authority, made for it by openssl.
final class MailFixture: Sendable {
  struct Letter {
    var fields: [String: Any]
    subscript(_ field: String) -> String? { fields[field] as? String }
    var flaws: [String] { fields["flaws"] as? [String] ?? ["not read"] }

    func header(_ name: String) -> String? {
      (fields["headers"] as? [[String]])?.first { $0[0].lowercased() == name.lowercased() }?[1]
    }
  }

  static let password = "pass word 42"
  let caFile: String
  private let fixture: Fixture
  private let isImplicit: Bool

  init(_ arguments: [String] = [], for host: String = "localhost", user: String = "tocsin") throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("mail-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let (certificate, key) = try Fixture.certificate(for: host, in: folder)
    let login = user.isEmpty ? [] : ["--user", user, "--password", Self.password]
    fixture = try Fixture("smtp_server.py", in: folder) { _ in
      ["--certificate", certificate, "--key", key] + login + arguments
    }
    caFile = certificate
    isImplicit = arguments.contains("--implicit-tls")
  }

  var url: String { "\(isImplicit ? "smtps" : "smtp")://localhost:\(fixture.port)" }

  var letters: [Letter] {
    get throws { try fixture.taken.map { Letter(fields: $0) } }
  }

  func file(_ text: String, mode: Int = 0o400) throws -> String { try fixture.file(text, mode: mode) }

  /// A page by e-mail through this server.
  func page(
    to address: String = "ana@aion.example", account: String = "tocsin", password: String = MailFixture.password
  ) throws -> HandOver {
    .duty(
      "email", to: address,
      ChannelRoute(
        channel: "email", provider: "smtp", url: url, secretFile: account.isEmpty ? "" : try file(password),
        account: account, from: "tocsin@aion.example", caFile: caFile))
  }
}
