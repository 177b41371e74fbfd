import ArgumentParser
import Configuration
import Foundation
import Messages
import Wire

/// By which channel a page goes when, and when it waits.
struct RuleCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rule", abstract: "See and change your own rules: which channel when, and quiet hours.",
    subcommands: [RuleList.self, RuleSet.self, RuleQuiet.self])
}

/// Whose rules are what.
struct RuleList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List by which channels pages go to people, and after how long.")

  @Option(help: ArgumentHelp("Only this person's.", valueName: "id"))
  var person: String?
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let request = ListContactsRequest(person: person ?? "")
    let reply = try await global.cluster.call(.notifier, ContactsMethods.list, request)
    try Answer.show(reply, global.output) {
      var table = Table("PERSON", "RULES", "WHOSE", "ONLY FOR", "QUIET HOURS")
      for contact in reply.contacts {
        table.add(
          contact.person, ContactText.rules(contact), contact.rulesAreDefault ? "the team's" : "own",
          ContactText.onlyFor(contact), contact.quietHours.map(ContactText.hours).joined(separator: ", "))
      }
      table.print(otherwise: "no contacts")
    }
  }
}

/// The person's own rules.
struct RuleSet: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "set", abstract: "Say by which channels your pages go, and after how long without an answer.",
    discussion: """
        tocsinctl rule set push=0s voice=2m sms=4m --by ana
        tocsinctl rule set --default --by ana

      One of them makes a sound (push, sms, voice): a SEV-1 or SEV-2 must be heard,
      within five minutes whatever the rules say. What you set stays until an apply
      changes your entry in contacts.yaml.
      """)

  @Argument(help: ArgumentHelp("A channel and after how long it is used: sms=2m.", valueName: "channel=span"))
  var rules: [PairArgument] = []
  @Flag(name: .customLong("default"), help: "Instead: the team's rules again.")
  var isDefault = false
  @OptionGroup var acting: ActingPerson
  @OptionGroup var global: GlobalOptions

  mutating func validate() throws {
    guard isDefault == rules.isEmpty else { throw ValidationError("give rules such as push=0s sms=2m, or --default") }
    for rule in rules where SpanText.span(rule.value) == nil {
      throw ValidationError("\(rule.name)=\(rule.value): expected a span such as 0s, 30s or 2m")
    }
  }

  func run() async throws {
    let wanted = rules.compactMap { rule in
      SpanText.span(rule.value).map { PersonalRule(after: $0, channel: rule.name) }
    }
    let request = PutPersonalRulesRequest(person: acting.id, rules: wanted, by: acting.id)
    let reply = try await global.cluster.call(.notifier, ContactsMethods.putRules, request)
    try Answer.show(reply, global.output) { ContactText.show(reply, global.times) }
  }
}

/// When pages that can wait do.
struct RuleQuiet: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quiet", abstract: "Say when your pages of SEV-3 and SEV-4 wait.",
    discussion: """
        tocsinctl rule quiet 22:00-07:00 --zone Europe/Berlin --by ana
        tocsinctl rule quiet --none --by ana

      A SEV-1 or SEV-2, and team channels, never wait. An incident whose page waits
      is escalated by its own clocks all the same.
      """)

  @Argument(help: ArgumentHelp("From when to when: 22:00-07:00.", valueName: "hours"))
  var hours: [String] = []
  @Option(help: ArgumentHelp("By whose clocks; this machine's zone when not given.", valueName: "zone"))
  var zone: String?
  @Flag(help: "Instead: no quiet hours.")
  var none = false
  @OptionGroup var acting: ActingPerson
  @OptionGroup var global: GlobalOptions

  mutating func validate() throws {
    guard none == hours.isEmpty else { throw ValidationError("give hours such as 22:00-07:00, or --none") }
    for text in hours where HoursText.minutes(text) == nil {
      throw ValidationError("\(text): expected hours of the day such as 22:00-07:00")
    }
  }

  func run() async throws {
    let zone = self.zone ?? TimeZone.current.identifier
    let wanted = hours.compactMap { text in
      HoursText.minutes(text).map { QuietHours(fromMinute: $0.from, untilMinute: $0.until, timeZone: zone) }
    }
    let request = PutQuietHoursRequest(person: acting.id, hours: wanted, by: acting.id)
    let reply = try await global.cluster.call(.notifier, ContactsMethods.putQuietHours, request)
    try Answer.show(reply, global.output) { ContactText.show(reply, global.times) }
  }
}
