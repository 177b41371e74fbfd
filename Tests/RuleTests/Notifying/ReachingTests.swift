import Messages
import Notifying
import Testing

/// The notifier's configuration: what is refused, and what a change shows.
@Suite struct ReachingTests {
  private static func with(_ change: (inout NotificationConfiguration) -> Void) -> NotificationConfiguration {
    var configuration = NotificationConfiguration.team
    change(&configuration)
    return configuration
  }

  private static func only(_ channel: String, _ severities: [Severity], of contact: Int) -> NotificationConfiguration {
    with { $0.contacts[contact].onlyFor = [ContactRule(channel: channel, severities: severities)] }
  }

  @Test(arguments: [
    ("contacts[0].person", with { $0.contacts[0].person = "" }),
    ("contacts[1].person", with { $0.contacts[1].person = "ana" }),
    ("contacts[0].methods[2].channel", with { $0.contacts[0].methods[2].channel = "pigeon" }),
    ("contacts[0].methods[0].address", with { $0.contacts[0].methods[0].address = "" }),
    ("contacts[3].rules[0].channel", with { $0.contacts[3].rules[0].channel = "sms" }),
    ("contacts[3].rules[0].after_ms", with { $0.contacts[3].rules[0].after = .seconds(-1) }),
    ("contacts[2].only_for[0].channel", only("sms", [.sev1], of: 2)),
    ("contacts[2].only_for[0].channel", only("pigeon", [.sev1], of: 2)),
    ("contacts[2].only_for[0].severities", only("slack", [], of: 2)),
    ("contacts[2].only_for[0].severities", only("slack", [.unspecified], of: 2)),
    ("contacts[2].only_for[0].severities", only("slack", [.sev1, .sev1], of: 2)),
    (
      "contacts[2].only_for[1].channel",
      with {
        $0.contacts[2].onlyFor = Array(repeating: ContactRule(channel: "slack", severities: [.sev1]), count: 2)
      }
    ),
    ("default_rules[0].channel", with { $0.defaultRules = [PersonalRule(channel: "#incidents")] }),
    ("channels[0].channel", with { $0.channels = [ChannelRoute(provider: "console")] }),
    (
      "channels[1].channel",
      with { $0.channels = Array(repeating: ChannelRoute(channel: "sms", provider: "console"), count: 2) }
    ),
    ("channels[0].provider", with { $0.channels = [ChannelRoute(channel: "sms", provider: "carrier")] }),
    (
      "channels[0].url",
      with { $0.channels = [ChannelRoute(channel: "sms", provider: "console", url: "https://a")] }
    ),
    ("channels[0].url", with { $0.channels = [ChannelRoute(channel: "sms", provider: "webhook", secretFile: "k")] }),
    (
      "channels[0].url",
      with {
        $0.channels = [ChannelRoute(channel: "sms", provider: "webhook", url: "file:///etc/passwd", secretFile: "k")]
      }
    ),
    (
      "channels[0].second.provider",
      with {
        $0.channels = [
          ChannelRoute(channel: "sms", provider: "console", second: SecondProvider(provider: "carrier"))
        ]
      }
    ),
    (
      "channels[0].second",
      with {
        $0.channels = [
          ChannelRoute(channel: "sms", provider: "console", second: SecondProvider(provider: "console"))
        ]
      }
    ),
    (
      "channels[0].secret_file",
      with { $0.channels = [ChannelRoute(channel: "sms", provider: "webhook", url: "https://a.example")] }
    ),
  ])
  func whatCannotBeMeantIsRefusedByField(field: String, configuration: NotificationConfiguration) throws {
    var notifier = Notifier()
    let refusal = #expect(throws: Refusal.self) { try notifier.configure(configuration) }
    #expect(refusal?.field == field && refusal?.status == .invalidArgument)
    #expect(refusal?.message.isEmpty == false)
  }

  @Test(arguments: [
    ([("email", [Severity.sev4]), ("slack", [.sev4])], 2, "cai would have no channel for SEV-1, SEV-2, SEV-3"),
    ([("email", [.sev1, .sev2]), ("slack", [.sev2, .sev3])], 2, "cai would have no channel for SEV-4"),
    (
      [("voice", [.sev2])], 3,
      "dee would not hear a SEV-1, because voice is for SEV-2 only: leave it push, sms or voice"
    ),
    ([("voice", [.sev1])], 3, "dee would not hear a SEV-2, because voice is for SEV-1 only"),
    (
      [("push", [.sev1]), ("sms", [.sev1, .sev3]), ("voice", [.sev1])], 0,
      "ana would not hear a SEV-2, because push is for SEV-1 only, sms is for SEV-1 and SEV-3 only, voice is for SEV-1 only"
    ),
  ])
  func contactRulesThatSkipAPersonAreRefused(
    rules: [(channel: String, severities: [Severity])], contact: Int, words: String
  ) throws {
    var notifier = Notifier()
    let configuration = Self.with { team in
      team.contacts[contact].onlyFor = rules.map { ContactRule(channel: $0.channel, severities: $0.severities) }
    }
    let refusal = #expect(throws: Refusal.self) { try notifier.configure(configuration) }
    #expect(refusal?.field == "contacts[\(contact)].only_for" && refusal?.message.hasPrefix(words) ?? false)
  }

  @Test func aChangeIsShownWithoutAddresses() throws {
    var notifier = Notifier()
    var changed = NotificationConfiguration.team
    changed.contacts[0].methods[1].address = "+1 202 555 0101"
    changed.contacts[1] = Contact(person: "fay", methods: [ContactMethod(channel: "sms", address: "fay-sms")])
    changed.channels = [
      ChannelRoute(channel: "sms", provider: "webhook", url: "https://a.example/token", secretFile: "key")
    ]
    changed.dryRun = true
    let before = notifier.rules
    let shown = try notifier.configure(changed)
    #expect(
      shown.changes == [
        "contact ana changed", "contact fay added", "contact ben removed", "channel sms by webhook added",
      ])
    #expect(!shown.applied && notifier.rules == before)
    changed.dryRun = false
    #expect(try notifier.configure(changed).applied)
    changed.channels[0] = ChannelRoute(channel: "sms", provider: "console")
    #expect(try notifier.configure(changed).changes == ["channel sms: webhook -> console"])
    #expect(try notifier.configure(changed).changes.isEmpty)
  }
}
