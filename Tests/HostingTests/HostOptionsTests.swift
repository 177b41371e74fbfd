import Testing

@testable import Hosting

/// What a tier is told.
@Suite struct HostOptionsTests {
  @Test func whatTheCommandLineLeavesOutComesFromTheEnvironment() throws {
    let options = try HostOptions.parse(
      HostOptions.arguments(
        ["--data", "d", "--beat-url", "https://given.example"],
        environment: [
          "TOCSIN_CONTACT_KEYS": "keys", "TOCSIN_BEAT_URL": "https://beat.example",
          "TOCSIN_LISTEN": "tcp://a:1 tcp://b:2",
        ]))
    #expect(options.contactKeys == "keys")
    #expect(options.beatUrl == "https://given.example")
    #expect(options.listen == ["tcp://a:1", "tcp://b:2"])
  }
}
