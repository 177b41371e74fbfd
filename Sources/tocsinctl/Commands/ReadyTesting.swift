import ArgumentParser
import Messages
import Wire

/// Test pages go out.
struct ReadyTesting: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test", abstract: "Send yourself a test page by each channel, with a code to confirm.",
    discussion: """
        tocsinctl ready test --by ben

      Without --channel: push, SMS and a call. Who confirms push has a verified push
      device in the training record.
      """)

  @Option(
    name: .customLong("channel"),
    help: ArgumentHelp("By which channel: push, sms, voice, email, slack.", valueName: "channel"))
  var channels: [String] = []
  @Option(help: ArgumentHelp("Whom to page, if not yourself.", valueName: "id"))
  var person: String?
  @OptionGroup var acting: ActingPerson
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let request = ReadinessTestRequest(person: person ?? acting.id, channels: channels, by: acting.id)
    try ReadyText.show(try await global.cluster.call(.scheduler, ReadinessMethods.test, request), global)
  }
}

/// The codes that arrived.
struct ReadyConfirming: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "confirm", abstract: "Confirm that test pages reached you, by their codes.",
    discussion: """
        tocsinctl ready confirm 482130 --by ben

      Until one is confirmed, whoever was primary before gets copies of the pages.
      """)

  @Argument(help: ArgumentHelp("The codes, as the pages say them.", valueName: "code"))
  var codes: [String]
  @OptionGroup var acting: ActingPerson
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    var reply = ReadinessTestReply()
    for code in codes {
      let confirmation = ReadinessConfirmation(code: code, by: acting.id)
      reply = try await global.cluster.call(.scheduler, ReadinessMethods.confirm, confirmation)
    }
    try ReadyText.show(reply, global)
  }
}
