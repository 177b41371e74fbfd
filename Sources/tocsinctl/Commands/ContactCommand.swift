import ArgumentParser
import Foundation
import Messages
import Wire

/// How people are reached, person by person.
struct ContactCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "contact", abstract: "See how people are reached, change your own addresses, forget somebody's.",
    subcommands: [
      ContactList.self, ContactShow.self, ContactAdd.self, ContactRemove.self, ContactErase.self,
    ])
}

/// Everybody's channels.
struct ContactList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List who can be reached how, without addresses.")

  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let reply = try await global.cluster.call(.notifier, ContactsMethods.list, ListContactsRequest())
    try Answer.show(reply, global.output) {
      var table = Table("PERSON", "NAME", "CHANNELS", "RULES", "QUIET HOURS", "SET BY")
      for contact in reply.contacts {
        table.add(
          contact.person, contact.name, ContactText.channels(contact), contact.rulesAreDefault ? "the team's" : "own",
          contact.quietHours.map(ContactText.hours).joined(separator: ", "), contact.setBy)
      }
      table.print(otherwise: "no contacts")
    }
  }
}

/// One person's channels and rules.
struct ContactShow: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show how somebody is reached: channels, masked addresses, rules, quiet hours.",
    discussion: """
        tocsinctl contact show ana

      Addresses are shown as "+49…34", to their owner too: they leave the notifier
      only towards providers.
      """)

  @Argument(help: ArgumentHelp("Who.", valueName: "id"))
  var person: String
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let reply = try await global.cluster.call(.notifier, ContactsMethods.list, ListContactsRequest(person: person))
    try Answer.show(reply, global.output) {
      for contact in reply.contacts { ContactText.show(contact, global.times) }
    }
  }
}

/// One more address.
struct ContactAdd: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Add an address of your own, which is read from standard input.",
    discussion: """
        echo "+49 151 23456789" | tocsinctl contact add sms --by ana

      The address is no argument, because other users of a machine see those, and
      shells keep them. What you set stays until an apply changes your entry in
      contacts.yaml; apply --dry-run says so before.
      """)

  @Argument(help: ArgumentHelp("push, sms, voice, email or slack.", valueName: "channel"))
  var channel: String
  @OptionGroup var acting: ActingPerson
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    if isatty(STDIN_FILENO) != 0 { Failure.say("the address, on one line:") }
    let address = readLine()?.trimmingCharacters(in: .whitespaces) ?? ""
    guard !address.isEmpty else { throw WrongInput("standard input: expected the address on one line, found none") }
    let request = PutContactMethodRequest(
      person: acting.id, channel: channel, address: address, by: acting.id, salt: Salt.draw())
    let reply = try await global.cluster.call(.notifier, ContactsMethods.putMethod, request)
    try Answer.show(reply, global.output) { ContactText.show(reply, global.times) }
  }
}

/// One address less.
struct ContactRemove: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove", abstract: "Remove an address of your own.",
    discussion: """
        tocsinctl contact remove sms --number 2 --by ana

      Refused when it is the last one that makes a sound: a SEV-1 or SEV-2 must be
      heard.
      """)

  @Argument(help: ArgumentHelp("push, sms, voice, email or slack.", valueName: "channel"))
  var channel: String
  @Option(
    help: ArgumentHelp(
      "Which of the channel's, as contact show counts them; the only one when not given.", valueName: "n"))
  var number: UInt32 = 0
  @OptionGroup var acting: ActingPerson
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let request = RemoveContactMethodRequest(person: acting.id, channel: channel, number: number, by: acting.id)
    let reply = try await global.cluster.call(.notifier, ContactsMethods.removeMethod, request)
    try Answer.show(reply, global.output) { ContactText.show(reply, global.times) }
  }
}

/// Somebody's addresses go for good.
struct ContactErase: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "erase", abstract: "Forget somebody's addresses for good, in old journals too.",
    discussion: """
        tocsinctl contact erase hal --by mia

      The key that hal's addresses are sealed with is destroyed: neither the notifier
      nor a copy of its journal can tell them any more. Copies of the key file from
      before still can: remove its line there too. Take hal out of contacts.yaml
      first, or the next apply tells the notifier again.
      """)

  @Argument(help: ArgumentHelp("Who.", valueName: "id"))
  var person: String
  @OptionGroup var acting: ActingPerson
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let request = EraseContactRequest(person: person, by: acting.id)
    let reply = try await global.cluster.call(.notifier, ContactsMethods.erase, request)
    try Answer.show(reply, global.output) {
      print("the notifier knows no address of \(SafeText.line(reply.person)) any more")
    }
  }
}
