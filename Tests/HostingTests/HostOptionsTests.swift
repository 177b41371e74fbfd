import Foundation
import Testing

@testable import Hosting

/// What a tier is told.
@Suite struct HostOptionsTests {
  @Test func whatTheCommandLineLeavesOutComesFromTheEnvironment() throws {
    let options = try HostOptions.parse(
      HostOptions.arguments(
        ["--data", "d", "--beat-url-file", "given"],
        environment: [
          "TOCSIN_CONTACT_KEYS": "keys", "TOCSIN_BEAT_URL_FILE": "beat",
          "TOCSIN_LISTEN": "tcp://a:1 tcp://b:2",
        ]))
    #expect(options.contactKeys == "keys")
    #expect(options.beatUrlFile == "given")
    #expect(options.listen == ["tcp://a:1", "tcp://b:2"])
  }

  /// Command lines and environments are seen by more people than files are.
  @Test func whatIsASecretStandsInAFileThatNobodyElseCanRead() throws {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: file) }
    try Data("https://beat.example/a-token\n".utf8).write(to: file)
    func read(mode: Int) throws -> String? {
      try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file.path)
      return try HostOptions.secret("--beat-url-file", in: file.path)
    }
    #expect(try read(mode: 0o400) == "https://beat.example/a-token" && HostOptions.secret("--x", in: nil) == nil)
    let failure = #expect(throws: HostFailure.self) { try read(mode: 0o444) }
    let words = failure.map { "\($0)" } ?? ""
    #expect(
      words.hasPrefix("--beat-url-file: ") && words.contains("can be read by others") && !words.contains("a-token"))
    for option in ["--beat-url", "--fallback-webhook"] {
      #expect(throws: (any Error).self) { try HostOptions.parse(["--data", "d", option, "https://beat.example"]) }
    }
  }
}
