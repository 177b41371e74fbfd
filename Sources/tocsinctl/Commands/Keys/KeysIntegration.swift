import ArgumentParser
import Bus
import Messages

/// A source that reports by HTTP.
struct KeysIntegration: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "integration",
    abstract: "Let a source report by HTTP, through the gateway: makes what it needs and prints its HTTP key.",
    discussion: """
      The key goes where the source has its own: a PagerDuty client's routing_key,
      an Authorization header (Bearer, GenieKey, or the password of Basic), or
      ?token= in its URL. It is kept in NAME.http-key of the gateway's folder; the
      gateway notices within two seconds. --new-key makes another beside those that
      are there: take the old line out of the file when the source has the new one.
      """)

  @Argument(help: "Whose: as its alerts name their source.")
  var name: String
  @OptionGroup var gateway: GatewayFolder
  @Flag(help: "Make another HTTP key.")
  var newKey = false
  @Option(help: ArgumentHelp("How long its own key is valid, where one is made.", valueName: "span"))
  var validFor: SpanArgument = SpanArgument(span: .days(365))
  @OptionGroup var folder: KeysFolder

  func run() throws {
    let now = KeysFolder.now
    print(
      try folder.directory.integrate(
        name, into: gateway.path(beside: folder), renews: newKey, from: now, until: now + validFor.span))
  }
}
