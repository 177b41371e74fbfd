import ArgumentParser
import Messages
import Wire

/// Days off that SEV-1 incidents earn.
struct CompDayCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compday", abstract: "See comp days, say when to take one, and approve or decline it.",
    subcommands: [CompDayList.self, CompDayUsing.self, CompDayApprove.self, CompDayDecline.self])
}

/// What is earned, planned, taken, and when it lapses.
struct CompDayList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List comp days: why they were earned, when they are taken, when they lapse.",
    discussion: """
        tocsinctl compday list --person ben --open
      """)

  @Option(name: .customLong("team"), help: ArgumentHelp("Only a team's people.", valueName: "id"))
  var team: String?
  @Option(help: ArgumentHelp("Only this person's.", valueName: "id"))
  var person: String?
  @Flag(name: .customLong("open"), help: "Only those that are still to be taken.")
  var openOnly = false
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let request = ListCompDaysRequest(team: team ?? "", person: person ?? "", openOnly: openOnly)
    let reply = try await global.cluster.call(.scheduler, PayMethods.listCompDays, request)
    try Answer.show(reply, global.output) {
      CompDayText.table(reply.days).print(otherwise: "no comp days")
    }
  }
}

/// The person says when, or that it isn't then after all.
struct CompDayUsing: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "use", abstract: "Ask for a comp day on a date, or take that back.",
    discussion: """
        tocsinctl compday use --date 2027-01-11 --by ben
        tocsinctl compday use comp-2f-1-ben-1 --take-back --by ben

      Without an id it is the one that lapses first. A manager approves it. It is
      refused on a day on which the person holds a shift: swap that first.
      """)

  @Argument(help: ArgumentHelp("The comp day; the person's that lapses first when not given.", valueName: "id"))
  var id: String?
  @Option(help: ArgumentHelp("Whose; whoever asks when not given.", valueName: "id"))
  var person: String?
  @Option(help: ArgumentHelp("The day off, in the person's zone: 2027-01-11.", valueName: "date"))
  var date: String?
  @Flag(help: "Instead: not on that date after all; it may be used on another.")
  var takeBack = false
  @OptionGroup var acting: ActingPerson
  @OptionGroup var global: GlobalOptions

  mutating func validate() throws {
    // An empty date would take back.
    guard takeBack ? date == nil : date?.isEmpty == false else { throw ValidationError("--date, or --take-back") }
    if takeBack, id == nil { throw ValidationError("say which one to take back, by id: tocsinctl compday list") }
    if id != nil, person != nil { throw ValidationError("an id says whose it is: --person goes without one") }
  }

  func run() async throws {
    let request = CompDayUse(
      compDayId: id ?? "", person: id == nil ? person ?? acting.id : "", date: date ?? "", by: acting.id)
    let reply = try await global.cluster.call(.scheduler, PayMethods.useCompDay, request)
    try CompDayText.show(reply, global)
  }
}

/// A manager agrees.
struct CompDayApprove: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "approve", abstract: "Approve the date that somebody asked for.",
    discussion: """
        tocsinctl compday approve comp-2f-1-ben-1 --by mia

      Who may: a manager of the person's team, but nobody for themselves.
      """)

  @Argument(help: ArgumentHelp("The comp day.", valueName: "id"))
  var id: String
  @Option(help: ArgumentHelp("What the person is told with it.", valueName: "text"))
  var words: String = ""
  @OptionGroup var acting: ActingPerson
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let request = CompDayAnswer(compDayId: id, approves: true, by: acting.id, words: words)
    try CompDayText.show(try await global.cluster.call(.scheduler, PayMethods.answerCompDay, request), global)
  }
}

/// A manager doesn't: another date may be asked for.
struct CompDayDecline: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "decline", abstract: "Decline the date that somebody asked for; the day can be used on another.",
    discussion: """
        tocsinctl compday decline comp-2f-1-ben-1 --words "release week" --by mia
      """)

  @Argument(help: ArgumentHelp("The comp day.", valueName: "id"))
  var id: String
  @Option(help: ArgumentHelp("Why; the person is told.", valueName: "text"))
  var words: String
  @OptionGroup var acting: ActingPerson
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let request = CompDayAnswer(compDayId: id, approves: false, by: acting.id, words: words)
    try CompDayText.show(try await global.cluster.call(.scheduler, PayMethods.answerCompDay, request), global)
  }
}
