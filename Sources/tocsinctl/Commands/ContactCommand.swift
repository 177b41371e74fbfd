import ArgumentParser
import Messages
import Wire

/// How people are reached, person by person.
struct ContactCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "contact", abstract: "Forget how somebody is reached.", subcommands: [ContactErase.self])
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
