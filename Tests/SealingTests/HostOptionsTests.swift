import Testing

@testable import Hosting

/// What a tier is told.
@Suite struct HostOptionsTests {
  @Test func whatTheCommandLineLeavesOutComesFromTheEnvironment() throws {
    var options = try HostOptions.parse(["--data", "d", "--allow-inward", "10.0.0.0/8"])
    options.readEnvironment([
      "TOCSIN_ALLOW_INWARD": "127.0.0.1", "TOCSIN_CONTACT_KEYS": "keys", "TOCSIN_BEAT_URL": "https://beat.example",
      "TOCSIN_FALLBACK_WEBHOOK": "https://hook.example",
    ])
    #expect(options.allowInward == "10.0.0.0/8" && options.contactKeys == "keys")
    #expect(options.beatUrl == "https://beat.example" && options.fallbackWebhook == "https://hook.example")
  }
}
