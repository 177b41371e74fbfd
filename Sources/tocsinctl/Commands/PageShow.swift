import ArgumentParser
import Messages
import Wire

/// The whole life of one page.
struct PageShow: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show all that is known of one page or post: each attempt, each receipt, what is next.",
    discussion: """
        tocsinctl page show 2f-1k/ana/1

      A page is known for a day after it is finished.
      """)

  @Argument(help: ArgumentHelp("The page, as 'page list' names it.", valueName: "page"))
  var page: String
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let reply = try await global.cluster.call(
      .notifier, PageReceiptsMethods.showPage, ShowPageRequest(pageId: page))
    let times = global.times
    try Answer.show(reply, global.output) { PageText.lines(reply, times).forEach { print($0) } }
  }
}

/// A page to see whether somebody is reached, from the terminal.
struct PageTest: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test", abstract: "Send somebody a test page, with a code that they confirm.",
    discussion: """
        tocsinctl page test ben --channel sms --by ana

      Without --channel: push, SMS and a call. Ben answers with
      'ready confirm CODE --by ben'.
      """)

  @Argument(help: ArgumentHelp("Whom to page.", valueName: "person"))
  var person: String
  @Option(
    name: .customLong("channel"),
    help: ArgumentHelp("By which channel: push, sms, voice, email, slack.", valueName: "channel"))
  var channels: [String] = []
  @OptionGroup var acting: ActingPerson
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let request = ReadinessTestRequest(person: person, channels: channels, by: acting.id)
    try ReadyText.show(try await global.cluster.call(.scheduler, ReadinessMethods.test, request), global)
  }
}
