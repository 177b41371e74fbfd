import ArgumentParser
import Messages
import Wire

/// Trading shifts, each side as themselves.
struct SwapCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "swap", abstract: "Offer a shift, answer an offer, and see what swaps have shifted.",
    subcommands: [SwapAsk.self, SwapReplying.self, SwapList.self])
}

/// Yes or no, by one who was asked.
struct SwapReplying: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "answer", abstract: "Agree to a swap, decline it, or take back your own.",
    discussion: """
        tocsinctl swap answer swap-4 agree --by ben

      The giver and one taker must agree, each as themselves; then it is in the
      schedule at once. Whoever asked, the giver and the leads decline to take it
      back.
      """)

  enum Word: String, ExpressibleByArgument, CaseIterable, Sendable {
    case agree, decline
  }

  @Argument(help: ArgumentHelp("The swap.", valueName: "id"))
  var id: String
  @Argument(help: "agree or decline.")
  var word: Word
  @Option(help: ArgumentHelp("What the others are told with it.", valueName: "text"))
  var words: String = ""
  @OptionGroup var acting: ActingPerson
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let request = SwapAnswer(swapId: id, by: acting.id, agrees: word == .agree, words: words)
    let reply = try await global.cluster.call(.scheduler, ScheduleMethods.answerSwap, request)
    try SwapText.show(reply, global)
  }
}

/// What was asked and what became of it, and the balance.
struct SwapList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List swaps, who has agreed so far, and how much each person has given and taken.",
    discussion: """
        tocsinctl swap list --open
      """)

  @Option(name: .customLong("team"), help: ArgumentHelp("Only a team's.", valueName: "id"))
  var team: String?
  @Flag(name: .customLong("open"), help: "Only those that wait for an answer.")
  var openOnly = false
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let request = ListSwapsRequest(team: team ?? "", openOnly: openOnly)
    let reply = try await global.cluster.call(.scheduler, ScheduleMethods.listSwaps, request)
    try Answer.show(reply, global.output) {
      SwapText.table(reply.swaps, global.times).print(otherwise: "no swaps")
      guard !reply.balances.isEmpty else { return }
      print("")
      SwapText.balances(reply.balances).print(otherwise: "")
    }
  }
}
