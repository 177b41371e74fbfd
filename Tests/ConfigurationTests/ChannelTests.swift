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
      "one of the keys provider, url, account, from, to, secret-file, ca-file, signing-file"
    ),
  ])
  func whatCannotHelpIsRefused(text: String, field: String, expected: String) {
    let error = #expect(throws: ConfigurationError.self) { try read(text) }
    #expect(error?.problems.count == 1)
    #expect(error?.problems.first?.field == field && error?.problems.first?.expected.hasPrefix(expected) ?? false)
  }

  /// The shipped configuration, with one channel by another route and one address changed.
  private func problems(_ channel: String, _ route: String, address: (String, String)? = nil) -> [Problem] {
    var files = (try? Repository.shippedFiles()) ?? []
    for index in files.indices {
      files[index].text.replace("\n  \(channel): console", with: "\n  \(channel): \(route)")
      if let address { files[index].text.replace(address.0, with: address.1) }
    }
    do {
      _ = try ClusterConfiguration(reading: files)
      return []
    } catch {
      return error.problems
    }
  }

  static let twilio = "provider: twilio, account: AC\(String(repeating: "0f", count: 16))"

  @Test(arguments: [
    ("push", "{ provider: ntfy }"),
    ("push", "{ provider: ntfy, url: \"https://push.aion.example\", secret-file: /k, ca-file: /ca }"),
    ("push", "{ provider: ntfy, url: \"http://localhost/ntfy\", secret-file: /k }"),
    ("push", "{ provider: ntfy, url: \"http://127.0.0.1:8080\", secret-file: /k }"),
    ("push", "{ provider: ntfy, url: \"http://[::1]:8080/\", secret-file: /k }"),
    ("push", "{ provider: webhook, url: \"http://hooks.aion.example\", secret-file: /k }"),
    ("sms", "{ \(twilio), from: \"+1 202 555 0100\", secret-file: /k }"),
    ("sms", "{ \(twilio), from: MG\(String(repeating: "0f", count: 16)), secret-file: /k }"),
    ("voice", "{ \(twilio), from: \"+12025550100\", secret-file: /k, second: console }"),
    (
      "email",
      "{ provider: smtp, url: \"smtp://mail.aion.example:587\", from: t@aion.example, account: t, secret-file: /k }"
    ),
    ("email", "{ provider: smtp, url: \"smtps://mail.aion.example\", from: t@aion.example }"),
    ("\"#incidents\"", "{ provider: slack, secret-file: /k }"),
    ("\"#incidents\"", "{ provider: slack, secret-file: /k, signing-file: /s }"),
    ("sms", "{ \(twilio), from: \"+12025550100\", secret-file: /k, signing-file: /s }"),
    ("\"#incidents\"", "{ provider: slack-webhook, secret-file: /k }"),
    ("\"#platform\"", "{ provider: ntfy, to: platform }"),
    ("status-page", "{ provider: slack, to: C024BE7LR, secret-file: /k }"),
    (
      "ticket", "{ provider: smtp, url: \"smtps://mail.aion.example\", from: t@aion.example, to: tickets@aion.example }"
    ),
  ])
  func everyProviderCanBeNamed(channel: String, route: String) {
    #expect(problems(channel, route).map(\.description) == [])
  }

  @Test(arguments: [
    ("push", "{ provider: twilo }", ".provider", "a provider: console, webhook"),
    ("push", "{ \(twilio), from: \"+12025550100\", secret-file: /k }", ".provider", "a provider that carries push"),
    ("\"*\"", "{ provider: slack-webhook, secret-file: /k }", ".provider", "a provider that carries *"),
    (
      "sms", "{ provider: twilio, account: AC12, from: \"+12025550100\", secret-file: /k }", ".account",
      "an account's SID"
    ),
    ("sms", "{ \(twilio), secret-file: /k }", ".from", "the key from"),
    ("sms", "{ \(twilio), from: \"+12025550100\" }", ".secret-file", "the key secret-file"),
    ("voice", "{ \(twilio), from: Tocsin, secret-file: /k }", ".from", "a phone number"),
    ("push", "{ provider: ntfy, to: all }", ".to", "no to here"),
    ("push", "{ provider: ntfy, signing-file: /s }", ".signing-file", "no signing-file here"),
    ("push", "{ provider: ntfy, token: tk_1 }", "", "one of the keys"),
    ("push", "{ provider: ntfy, url: \"https://me:secret@push.example\" }", ".url", "an address that begins"),
    (
      "email", "{ provider: smtp, url: \"https://mail.example\", from: t@aion.example }", ".url",
      "an address such as smtp:"
    ),
    (
      "email", "{ provider: smtp, url: \"smtps://mail.example\", from: t@aion.example, account: t }", ".secret-file",
      "the key secret-file"
    ),
    (
      "email", "{ provider: smtp, url: \"smtps://mail.example\", from: \"T <t@aion.example>\" }", ".from",
      "an e-mail address"
    ),
    ("\"#platform\"", "{ provider: ntfy }", ".to", "the key to"),
    ("slack", "{ provider: slack-webhook, secret-file: /k }", ".provider", "a provider that carries slack"),
  ])
  func whatAProviderNeedsIsAskedFor(channel: String, route: String, field: String, expected: String) {
    let found = problems(channel, route)
    #expect(found.count == 1, "\(found)")
    let bare = channel.replacing("\"", with: "")
    #expect(
      found.first?.field == "Channels.channels.\(bare)\(field)" && found.first?.expected.hasPrefix(expected) == true,
      "\(found)")
  }

  @Test func anAddressThatItsProviderCannotUseIsNamedWithItsPlaceAndNotRepeated() throws {
    let found = problems("push", "{ provider: ntfy }", address: ("push: hal-phone", "push: hal's phone"))
    #expect(found.map(\.field) == ["Contacts.contacts.hal.push"] && found.first?.expected.hasPrefix("a topic") == true)
    #expect(
      found.allSatisfy { !"\($0)".contains("hal's") && $0.place.file.hasSuffix("contacts.yaml") && $0.place.line > 1 })
    let people = problems("slack", "{ provider: slack, secret-file: /k }")
    #expect(people.count == 13 && people.allSatisfy { $0.expected.hasPrefix("a person's member ID") })
  }

  /// Which would send its secret to whoever listens on the way.
  @Test(arguments: [
    ("push", "{ provider: ntfy, secret-file: /k, url: \"http://push.example\" }"),
    ("push", "{ provider: pushover, secret-file: /k, url: \"http://localhost.example\" }"),
    ("sms", "{ \(twilio), from: \"+12025550100\", secret-file: /k, url: \"http://127.0.0.1.example:80/\" }"),
    ("slack", "{ provider: slack, secret-file: /k, url: \"http://[::1]x\" }"),
    ("slack", "{ provider: slack, secret-file: /k, url: \"http://localhost@slack.example\" }"),
  ])
  func noSecretGoesThroughTheNetworkInTheOpen(channel: String, route: String) {
    let found = problems(channel, route).filter { !$0.field.hasPrefix("Contacts.") }
    #expect(found.map(\.field) == ["Channels.channels.\(channel).url"])
    #expect(found.first?.expected == AddressForm.secureWeb.words)
    #expect(found.first.map { $0.place.file.hasSuffix("contacts.yaml") && $0.place.line > 100 } == true, "\(found)")
  }

  @Test(
    arguments: [
      ("+1 (202) 555-0101", "+12025550101"), ("+44 (0)20 7946 0958", "+442079460958"),
      ("+44(0) 20 7946 0958", "+442079460958"),
      ("+49.30.901820", "+4930901820"), ("(0)20 7946 0958", nil), ("+0 20 7946 0958", nil), ("+44 (0)", nil),
    ] as [(String, String?)])
  func aNumberIsDialledFromAnywhere(written: String, dialled: String?) {
    #expect(AddressForm.phoneNumber(written) == dialled)
  }

  /// What the comments of contacts.yaml show is what somebody copies: each example, with its ".." filled in, must be a route.
  @Test func theExamplesInTheShippedFileAreRoutes() throws {
    let files = try Repository.shippedFiles()
    let index = try #require(files.firstIndex { $0.name.hasSuffix("contacts.yaml") })
    let shown = try #require(files[index].text.components(separatedBy: "# Who carries what.").last)
    var examples: [String] = []
    for line in shown.split(separator: "\n").filter({ $0.hasPrefix("#   ") }).map({ $0.dropFirst(2) }) {
      if line.hasPrefix("   ") { examples[examples.count - 1] += "\n\(line)" } else { examples.append(String(line)) }
    }
    #expect(examples.count >= 12)
    for example in examples {
      let filled = example.replacing("account: ..", with: "account: AC\(String(repeating: "0f", count: 16))")
        .replacing("from: ..", with: example.contains("smtp") ? "from: t@aion.example" : "from: \"+12025550100\"")
        .replacing("secret-file: ..", with: "secret-file: /k").replacing("url: ..", with: "url: smtps://mail.example")
      let channel = try #require(filled.split(separator: ":").first)
      var changed = files
      changed[index].text.replace("\n\(channel): console\n", with: "\n\(filled)\n")
      #expect(changed != files, "\(channel)")
      do {
        _ = try ClusterConfiguration(reading: changed)
      } catch {
        // People's addresses are other providers' in some examples; the routes themselves are in order.
        #expect(
          error.problems.filter { !$0.field.hasPrefix("Contacts.contacts.") }.map(\.description) == [], "\(example)")
      }
    }
  }
}
