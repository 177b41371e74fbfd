import ArgumentParser
import Bus
import Messages

/// The pages for people.
struct KeysPages: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pages",
    abstract: "Let the gateway show pages to people: makes its key and the secret of sessions; keeps what is there.",
    discussion: """
      The key has the role pages: it acts in the name of who has signed in, by the
      few methods that the pages need, and can't do what only leads may. Start the
      gateway with --page-url URL, --scheduler, --escalator and --notifier.
      --new-sessions draws the secret anew: start the gateway again, and everybody
      signs in again.
      """)

  @OptionGroup var gateway: GatewayFolder
  @Flag(help: "Draw the secret of sessions anew, which ends all of them.")
  var newSessions = false
  @Option(help: ArgumentHelp("How long the key is valid, where one is made.", valueName: "span"))
  var validFor: SpanArgument = SpanArgument(span: .days(365))
  @OptionGroup var folder: KeysFolder

  func run() throws {
    let (now, target) = (KeysFolder.now, gateway.path(beside: folder))
    let isNew = try folder.directory.showPages(
      from: target, renews: newSessions, since: now, until: now + validFor.span)
    print(isNew ? "\(target) has what the pages need" : "all that the pages need is there")
  }
}
