import Machinery
import Messages
import Notifying
import Testing

/// What people change about how they are reached, and how that goes with what is applied (requirement N1).
@Suite struct ContactingTests {
  private static let salt = Array(repeating: UInt8(9), count: 16)

  private static func adding(_ channel: String, _ address: String, to person: String = "ana") -> NotificationInput {
    .putMethod(.init(person: person, channel: channel, address: address, by: person, salt: salt))
  }

  private static func refusal(_ notifier: Notifier, _ input: NotificationInput) -> String {
    do throws(Refusal) {
      _ = try notifier.rules.decide(input, at: notifier.now)
      return ""
    } catch {
      return "\(error.status.name) \(error.field): \(error.message)"
    }
  }

  @Test func anAddedAddressIsPagedAndShownMasked() throws {
    var notifier = Notifier()
    let view = try notifier.tell(Self.adding("sms", "+49 151 2345678"))
    #expect(view?.methods.filter { $0.channel == "sms" }.map(\.masked) == ["a…", "+49…78"])
    #expect(view?.setBy == "ana" && view?.setAt == notifier.now)
    try notifier.page(.wanted("ana", .sev1))
    notifier.wait(.minutes(3))
    #expect(notifier.attempts.map(\.address) == ["ana-push", "ana-sms", "+49 151 2345678"])
  }

  @Test func ownRulesTakeThePlaceOfTheTeams() throws {
    var notifier = Notifier()
    try notifier.tell(
      .putRules(
        .init(person: "ana", rules: [.init(after: .minutes(1), channel: "email"), .init(channel: "voice")], by: "ana")))
    try notifier.page(.wanted("ana", .sev1))
    notifier.wait(.minutes(10))
    #expect(notifier.said == ["03:00:00 voice -> ana", "03:01:00 email -> ana"])
    let view = try notifier.tell(.putRules(.init(person: "ana", by: "ana")))
    #expect(view?.rulesAreDefault == true && view?.rules.map(\.channel) == ["push", "sms", "voice"])
  }

  @Test func nobodyChangesItForSomebodyElse() {
    let notifier = Notifier()
    var others: [NotificationInput] = [
      .putMethod(.init(person: "ana", channel: "sms", address: "x", by: "ben", salt: Self.salt)),
      .removeMethod(.init(person: "ana", channel: "sms", by: "ben")),
      .putRules(.init(person: "ana", by: "")), .putQuietHours(.init(person: "ana", by: "ben")),
    ]
    for input in others {
      #expect(Self.refusal(notifier, input) == "PERMISSION_DENIED by: ana changes this, or contacts.yaml does")
    }
    others = [.putRules(.init(person: "zoe", by: "zoe")), .eraseContact(.init(person: "zoe"), by: "ops")]
    for input in others {
      #expect(Self.refusal(notifier, input) == "NOT_FOUND person: zoe is not known to the notifier")
    }
  }

  @Test func nobodyIsLeftWithoutASound() throws {
    var notifier = Notifier()
    let last =
      "FAILED_PRECONDITION channel: dee would have no audible channel (push, sms, voice): add another one first"
    #expect(Self.refusal(notifier, .removeMethod(.init(person: "dee", channel: "voice", by: "dee"))) == last)
    try notifier.tell(Self.adding("push", "dee-push", to: "dee"))
    try notifier.tell(.removeMethod(.init(person: "dee", channel: "voice", by: "dee")))
    #expect(Self.refusal(notifier, .removeMethod(.init(person: "dee", channel: "push", by: "dee"))) == last)
    let quiet = NotificationInput.putRules(.init(person: "ana", rules: [.init(channel: "email")], by: "ana"))
    #expect(
      Self.refusal(notifier, quiet)
        == "INVALID_ARGUMENT rules: must use push, sms or voice: a SEV-1 or SEV-2 must be heard")
    // Whoever never had one stays as they are.
    try notifier.tell(Self.adding("email", "cai-2", to: "cai"))
  }

  @Test func whatCannotBeMeantIsRefused() throws {
    var notifier = Notifier()
    let refusals: [(NotificationInput, String)] = [
      (Self.adding("pigeon", "x"), "INVALID_ARGUMENT methods[5].channel"),
      (Self.adding("sms", ""), "INVALID_ARGUMENT methods[5].address"),
      (Self.adding("sms", "ana-sms"), "ALREADY_EXISTS address"),
      (.putMethod(.init(person: "ana", channel: "sms", address: "x", by: "ana")), "INVALID_ARGUMENT salt"),
      (.removeMethod(.init(person: "ben", channel: "sms", by: "ben")), "INVALID_ARGUMENT number"),
      (.removeMethod(.init(person: "ben", channel: "sms", number: 3, by: "ben")), "INVALID_ARGUMENT number"),
      (.removeMethod(.init(person: "ben", channel: "push", by: "ben")), "NOT_FOUND channel"),
      (
        .putRules(.init(person: "ben", rules: [.init(channel: "voice")], by: "ben")),
        "INVALID_ARGUMENT rules[0].channel"
      ),
      (
        .putRules(.init(person: "ana", rules: [.init(after: .hours(25), channel: "voice")], by: "ana")),
        "INVALID_ARGUMENT rules[0].after_ms"
      ),
      (
        .putQuietHours(.init(person: "ana", hours: [.init(fromMinute: 300, untilMinute: 300)], by: "ana")),
        "INVALID_ARGUMENT quiet_hours[0].until_minute"
      ),
      (
        .putQuietHours(.init(person: "ana", hours: [.init(fromMinute: 300, untilMinute: 1_320)], by: "ana")),
        "INVALID_ARGUMENT quiet_hours[0].until_minute"
      ),
      (
        .putQuietHours(
          .init(
            person: "ana", hours: [.init(fromMinute: 1_320, untilMinute: 420, timeZone: "Europe/Nowhere")], by: "ana")),
        "INVALID_ARGUMENT quiet_hours[0].time_zone"
      ),
      (
        .putQuietHours(
          .init(person: "ana", hours: [.init(fromMinute: 1_320, untilMinute: 420, weekdays: [1, 1])], by: "ana")),
        "INVALID_ARGUMENT quiet_hours[0].weekdays"
      ),
    ]
    for (input, words) in refusals { #expect(Self.refusal(notifier, input).hasPrefix(words), "\(input)") }
    // An address that its provider can't use is found out now, and is not in the words.
    var routed = NotificationConfiguration.team
    routed.contacts = [Contact(person: "ana", methods: [ContactMethod(channel: "sms", address: "+49 151 2345678")])]
    routed.channels = [
      ChannelRoute(
        channel: "sms", provider: "twilio", secretFile: "k", account: "AC" + String(repeating: "0", count: 32),
        from: "+12025550100")
    ]
    try notifier.configure(routed)
    let words = Self.refusal(notifier, Self.adding("sms", "not a number"))
    #expect(words.hasPrefix("INVALID_ARGUMENT address: must be a phone number") && !words.contains("not a number"))
  }

  /// An apply for somebody else's sake leaves it alone.
  @Test func whatAPersonSetStaysUntilTheFileSaysSomethingElseOfThem() throws {
    var notifier = Notifier()
    try notifier.tell(Self.adding("sms", "+49 151 2345678"))
    var next = NotificationConfiguration.team
    next.contacts[1].methods.removeLast()
    next.dryRun = true
    #expect(
      try notifier.configure(next).changes == ["contact ben changed", "contact ana stays as ana set it by command"])
    next.dryRun = false
    #expect(try notifier.configure(next).changes == ["contact ben changed"])
    #expect(try notifier.numbers("ana") == 2)
    // A new name is no new word about how they are reached.
    next.contacts[0].name = "Ana Maria Alvarez"
    try notifier.configure(next)
    #expect(try notifier.numbers("ana") == 2)
    #expect(try notifier.rules.listContacts(.init(person: "ana")).contacts.first?.name == "Ana Maria Alvarez")
    next.contacts[0].methods[0].address = "another-phone"
    next.dryRun = true
    let words = ["contact ana changed", "contact ana: what ana set by command is given up"]
    #expect(try notifier.configure(next).changes == words)
    #expect(try notifier.numbers("ana") == 2)
    next.dryRun = false
    #expect(try notifier.configure(next).changes == words)
    #expect(try notifier.numbers("ana") == 1)
    #expect(try notifier.configure(next).changes == [])
  }

  @Test func whoeverTheFileNoLongerNamesIsGone() throws {
    var notifier = Notifier()
    try notifier.tell(Self.adding("sms", "+49 151 2345678"))
    var next = NotificationConfiguration.team
    next.contacts.removeFirst()
    #expect(
      try notifier.configure(next).changes == [
        "contact ana removed", "contact ana: what ana set by command is given up",
      ])
    #expect(throws: Refusal.self) { try notifier.rules.listContacts(.init(person: "ana")) }
  }

  /// A route that can't use what somebody set is refused when it is applied, not found out by a page.
  @Test func aRouteIsHeldAgainstWhatPeopleSet() throws {
    var notifier = Notifier()
    try notifier.tell(Self.adding("push", "no topic!"))
    var next = NotificationConfiguration.team
    next.channels = [ChannelRoute(channel: "push", provider: "ntfy")]
    #expect {
      _ = try notifier.rules.decide(.configure(next, by: "ops"), at: notifier.now)
    } throws: { error in
      guard let refusal = error as? Refusal else { return false }
      return refusal.field == "channels" && refusal.message.contains("ntfy carries push of ana")
        && !refusal.message.contains("no topic!")
    }
  }

  @Test func whoeverIsErasedIsNotReachedAnyMore() throws {
    var notifier = Notifier()
    try notifier.tell(Self.adding("sms", "+49 151 2345678"))
    try notifier.page(.wanted("ana", .sev1))
    try notifier.tell(.eraseContact(.init(person: "ana", by: "tara"), by: "ops"))
    notifier.wait(.minutes(10))
    #expect(notifier.said == ["03:00:00 push -> ana"])
    #expect(
      notifier.deliveries().filter { $0.state == .failed }.map(\.words).contains("ana has no address for sms any more"))
    #expect(throws: Refusal.self) { try notifier.rules.listContacts(.init(person: "ana")) }
  }

  @Test(arguments: [
    ("+49 151 2345678", "+49…78"), ("+1 202 555 0101", "+12…01"),
    ("ana@aion.example", "a…@aion.example"), ("ana-phone", "an…ne"), ("@ana", "@…"),
    ("x", "x…"), ("", "…"), ("U024BE7LH", "U0…LH"),
  ]) func aMaskTellsItsOwnerEnoughAndOthersNothing(_ address: String, _ masked: String) throws {
    let contact = Contact(person: "ana", methods: [.init(channel: "push", address: address)])
    var rules = Notifications()
    rules.apply(.init(kind: .configured(.init(contacts: [contact]))), at: Notifier.start)
    #expect(try rules.listContacts(.init()).contacts.first?.methods.map(\.masked) == [masked])
  }
}

extension Notifier {
  @discardableResult
  mutating func tell(_ input: NotificationInput) throws(Refusal) -> ContactView? {
    guard case .contact(let view) = try decided(input) else { return nil }
    return view
  }

  func numbers(_ person: String) throws -> Int {
    try rules.listContacts(.init(person: person)).contacts.first?.methods.filter { $0.channel == "sms" }.count ?? 0
  }
}
