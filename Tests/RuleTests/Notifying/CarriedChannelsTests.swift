import Messages
import Notifying
import Testing

/// What the console carries counts as handed over and reaches nobody: whoever looks is told (requirement N2).
@Suite struct CarriedChannelsTests {
  private static let ana = Contact(
    person: "ana",
    methods: [
      ContactMethod(channel: "push", address: "a"), ContactMethod(channel: "sms", address: "+1 202 555 0101"),
      ContactMethod(channel: "email", address: "ana@aion.example"),
    ])

  private func carried(_ routes: [String: String]) -> CarriedChannels {
    CarriedChannels([Self.ana], by: routes.map { ChannelRoute(channel: $0.key, provider: $0.value) })
  }

  @Test func aChannelWithoutARouteIsTheConsoles() {
    let half = carried(["push": "ntfy", "email": "smtp"])
    #expect(half.words == "sms by console; push by ntfy; email by smtp" && half.isHalfDone)
    #expect(half.fault.hasPrefix("pages by sms are written to a file"))
  }

  @Test func aRouteForAllOthersIsNotHalfDone() {
    let whole = carried(["push": "ntfy", "*": "webhook"])
    #expect(whole.words == "push by ntfy; email, sms by webhook" && whole.fault.isEmpty && !whole.isHalfDone)
  }

  /// A first look: nobody relies on any of it, and yet it is said.
  @Test func whatIsAllWrittenDownIsNotHalfDone() {
    let first = carried(["*": "console"])
    #expect(first.written == ["email", "push", "sms"] && !first.fault.isEmpty && !first.isHalfDone)
  }

  @Test func theNotifierTellsOfWhatItWasGiven() throws {
    var notifier = Notifier()
    _ = try notifier.configure(
      NotificationConfiguration(
        contacts: [Self.ana],
        channels: [
          ChannelRoute(channel: "email", provider: "console"),
          ChannelRoute(channel: "*", provider: "webhook", url: "https://hooks.example", secretFile: "/k"),
        ]))
    let finding = try #require(notifier.rules.examinedChannels.first)
    #expect(finding.value == "email by console; push, sms by webhook" && finding.must)
    #expect(finding.mend.hasPrefix("pages by email are written"))
  }
}
