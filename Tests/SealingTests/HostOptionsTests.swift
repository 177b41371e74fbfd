import Testing

@testable import Hosting

/// What a tier is told.
@Suite struct HostOptionsTests {
  @Test func whatTheCommandLineLeavesOutComesFromTheEnvironment() throws {
    var options = try HostOptions.parse(["--data", "d"])
    options.readEnvironment([
      "TOCSIN_CONTACT_KEYS": "keys", "TOCSIN_BEAT_URL": "https://beat.example",
      "TOCSIN_FALLBACK_WEBHOOK": "https://hook.example",
    ])
    #expect(options.contactKeys == "keys")
    #expect(options.beatUrl == "https://beat.example" && options.fallbackWebhook == "https://hook.example")
  }
}
