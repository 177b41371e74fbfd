import Configuration
import Messages
import Testing

/// Which providers carry a channel, as it is written.
@Suite struct ChannelTests {
  private func read(_ sms: String) throws(ConfigurationError) -> ChannelRoute? {
    var files = (try? Repository.shippedFiles()) ?? []
    for index in files.indices { files[index].text.replace("\n  sms: console", with: "\n  sms: \(sms)") }
    return try ClusterConfiguration(reading: files).notification.channels.first { $0.channel == "sms" }
  }

  @Test func aChannelNamesASecondProvider() throws {
    let route = try read(
      "{ provider: webhook, url: \"https://a.example/\", secret-file: a, second: { provider: webhook, url: \"https://b.example/\", secret-file: b } }"
    )
    #expect(
      route
        == ChannelRoute(
          channel: "sms", provider: "webhook", url: "https://a.example/", secretFile: "a",
          second: SecondProvider(provider: "webhook", url: "https://b.example/", secretFile: "b")))
  }

  @Test func theConsoleCanBeTheSecond() throws {
    let route = try read("{ provider: webhook, url: \"https://a.example/\", secret-file: a, second: console }")
    #expect(route?.second == SecondProvider(provider: "console"))
  }

  @Test(arguments: [
    ("{ provider: console, second: console }", "Channels.channels.sms.second", "another provider than the first"),
    ("{ provider: console, second: webhok }", "Channels.channels.sms.second", "console, or a mapping"),
    (
      "{ provider: webhook, url: \"https://a.example/\", secret-file: a, second: { provider: console, second: x } }",
      "Channels.channels.sms.second",
      "one of the keys provider, url, secret-file"
    ),
  ])
  func whatCannotHelpIsRefused(text: String, field: String, expected: String) {
    let error = #expect(throws: ConfigurationError.self) { try read(text) }
    #expect(error?.problems.count == 1)
    #expect(error?.problems.first?.field == field && error?.problems.first?.expected.hasPrefix(expected) ?? false)
  }
}
