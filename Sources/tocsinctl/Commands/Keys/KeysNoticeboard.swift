import ArgumentParser
import Bus
import Messages

/// What the gateway may show to others.
struct KeysNoticeboard: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "noticeboard",
    abstract:
      "Let the gateway show the status page and calendars: brings a key with the role noticeboard to its folder.",
    discussion: "With that key one may ask for these two and nothing else. The gateway notices within two seconds.")

  @OptionGroup var gateway: GatewayFolder
  @Option(help: ArgumentHelp("How long the key is valid, where one is made.", valueName: "span"))
  var validFor: SpanArgument = SpanArgument(span: .days(365))
  @OptionGroup var folder: KeysFolder

  func run() throws {
    let (now, path) = (KeysFolder.now, gateway.path(beside: folder))
    try folder.directory.lendNoticeboard(to: path, from: now, until: now + validFor.span)
    print("\(path) has what the gateway needs for the status page and calendars")
  }
}
