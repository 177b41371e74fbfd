import Configuration
import Messages
import Wire

/// What people say in scenarios about how they are reached (requirements N1 and N7).
///
///     > rules PERSON push=0s sms=2m                    the person's own; "default": the team's again
///     > quiet PERSON 22:00-07:00 [zone ZONE]           "none": no quiet hours
///     > address PERSON CHANNEL ADDRESS, > no-address PERSON CHANNEL [NUMBER]
///     > says PERSON CHANNEL ADDRESS                    contacts.yaml has another address, and is applied; "try": a dry run
///     > reach PERSON                                   what operators see
///     > erase PERSON
extension ScenarioPlayer {
  func obeyContacts(_ directive: Directive) throws(Refusal) {
    let person = directive[1]
    switch directive.command {
    case "rules":
      var rules: [PersonalRule] = []
      for index in 2..<22 where !directive[index].isEmpty && directive[index] != "default" {
        let parts = directive[index].split(separator: "=").map(String.init)
        rules.append(PersonalRule(after: try Self.span(parts.count == 2 ? parts[1] : ""), channel: parts[0]))
      }
      let request = PutPersonalRulesRequest(person: person, rules: rules, by: person)
      try call(.notifier, ContactsMethods.putRules, request) { self.lines(Self.words($0)) }
    case "quiet":
      var hours: [QuietHours] = []
      if let minutes = HoursText.minutes(directive[2]) {
        hours = [QuietHours(fromMinute: minutes.from, untilMinute: minutes.until, timeZone: directive["zone"])]
      }
      let request = PutQuietHoursRequest(person: person, hours: hours, by: person)
      try call(.notifier, ContactsMethods.putQuietHours, request) { self.lines(Self.words($0)) }
    case "address":
      let request = PutContactMethodRequest(
        person: person, channel: directive[2], address: directive[3], by: person, salt: Array(repeating: 7, count: 16))
      try call(.notifier, ContactsMethods.putMethod, request) { self.lines(Self.words($0)) }
    case "no-address":
      let request = RemoveContactMethodRequest(
        person: person, channel: directive[2], number: UInt32(directive[3]) ?? 0, by: person)
      try call(.notifier, ContactsMethods.removeMethod, request) { self.lines(Self.words($0)) }
    case "says": try says(person, directive[2], directive[3], isDryRun: directive[4] == "try")
    case "reach":
      guard let rules = world.notifier.rules else { throw Refusal(.unavailable, "the notifier is down") }
      for contact in try rules.listContacts(ListContactsRequest(person: person)).contacts {
        Self.words(contact).forEach { output($0) }
      }
    case "erase":
      let request = EraseContactRequest(person: person, by: "tara")
      try call(.notifier, ContactsMethods.erase, request) { "  \($0.person) is forgotten" }
    default: throw .invalid("command", "\"\(directive.command)\" is none")
    }
  }

  private func says(_ person: String, _ channel: String, _ address: String, isDryRun: Bool) throws(Refusal) {
    guard var wanted = try? NotificationConfiguration(decoding: world.slices.unwatched.notification),
      let contact = wanted.contacts.firstIndex(where: { $0.person == person }),
      let method = wanted.contacts[contact].methods.firstIndex(where: { $0.channel == channel })
    else { throw .invalid("person", "contacts.yaml has no \(channel) of \(person)") }
    wanted.contacts[contact].methods[method].address = address
    wanted.dryRun = isDryRun
    try call(.notifier, NotificationMethods.configure, wanted) { self.lines($0.changes) }
    guard !isDryRun else { return }
    world.slices.notification = wanted.encoded()
  }

  private static func words(_ contact: ContactView) -> [String] {
    let methods = contact.methods.map { "\($0.channel) \($0.masked)" }.joined(separator: ", ")
    let rules = contact.rules.map { "\($0.channel) after \($0.after.milliseconds / 1_000) s" }.joined(separator: ", ")
    let quiet = contact.quietHours.map { "\($0.fromMinute / 60):00-\($0.untilMinute / 60):00 \($0.timeZone)" }
    return [
      "\(contact.person): \(methods)", "  \(rules)\(contact.rulesAreDefault ? " (the team's)" : "")",
      quiet.isEmpty ? "" : "  quiet \(quiet.joined(separator: ", "))",
      contact.setBy.isEmpty ? "" : "  set by \(contact.setBy)",
    ].filter { !$0.isEmpty }
  }
}
