import ArgumentParser
import Messages
import Wire

/// The handoff between two weeks of duty: checklists, the document, and what the shift was like.
struct HandoffCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "handoff", abstract: "Hand over the week: checklists, the document, a report and feedback.",
    subcommands: [
      HandoffShow.self, HandoffTicking.self, HandoffEditing.self, HandoffSigning.self, HandoffAccepting.self,
      HandoffDocumentShow.self, HandoffReport.self, HandoffFeedbackGiving.self, HandoffChange.self,
    ])
}

/// Who must be there, and what is done.
struct HandoffShow: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show a handoff: when, who must be there, the checklists.",
    discussion: """
        tocsinctl handoff show --at 2026-12-07
      """)

  @OptionGroup var handoff: HandoffOption
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let request = try await handoff.request(global)
    try HandoffText.show(try await global.cluster.call(.scheduler, HandoffMethods.show, request), global)
  }
}

/// One item of a checklist is done.
struct HandoffTicking: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tick", abstract: "Tick an item of a handoff's checklists.",
    discussion: """
        tocsinctl handoff tick before-2 --by ana
      """)

  @Argument(help: ArgumentHelp("The item, as `handoff show` names it.", valueName: "item"))
  var item: String
  @Flag(help: "It isn't done after all.")
  var undo = false
  @OptionGroup var handoff: HandoffOption
  @OptionGroup var acting: ActingPerson
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let which = try await handoff.request(global)
    let tick = HandoffTick(team: which.team, at: which.at, item: item, undo: undo, by: acting.id)
    try HandoffText.show(try await global.cluster.call(.scheduler, HandoffMethods.tick, tick), global)
  }
}

/// The outgoing primary's name under the text.
struct HandoffSigning: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sign", abstract: "Sign the handoff document, as outgoing primary or lead: its text stays.",
    discussion: """
        tocsinctl handoff sign --by ana

      A later edit opens the document again; then it must be signed anew.
      """)

  @OptionGroup var handoff: HandoffOption
  @OptionGroup var acting: ActingPerson
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let which = try await handoff.request(global)
    let signature = HandoffSignature(team: which.team, at: which.at, by: acting.id)
    try HandoffText.show(try await global.cluster.call(.scheduler, HandoffMethods.sign, signature), global)
  }
}

/// The incoming primary has it now.
struct HandoffAccepting: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "accept", abstract: "Accept a signed handoff, as incoming primary.",
    discussion: """
        tocsinctl handoff accept --by ben
      """)

  @OptionGroup var handoff: HandoffOption
  @OptionGroup var acting: ActingPerson
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let which = try await handoff.request(global)
    let signature = HandoffSignature(team: which.team, at: which.at, by: acting.id)
    try HandoffText.show(try await global.cluster.call(.scheduler, HandoffMethods.accept, signature), global)
  }
}

/// What the shift was like.
struct HandoffReport: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Report a shift: pages by hours, nights broken, time worked, feedback.",
    discussion: """
        tocsinctl handoff report --at 2026-12-01
      """)

  @OptionGroup var handoff: HandoffOption
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let request = try await handoff.request(global)
    try HandoffText.show(try await global.cluster.call(.scheduler, HandoffMethods.report, request), global)
  }
}

/// The person's words about a shift that is over.
struct HandoffFeedbackGiving: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "feedback", abstract: "Say what your shift was like; kept with its report.",
    discussion: """
        tocsinctl handoff feedback "two false alarms a night" --by ana
      """)

  @Argument(help: "In your words.")
  var words: String
  @OptionGroup var handoff: HandoffOption
  @OptionGroup var acting: ActingPerson
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let which = try await handoff.request(global)
    let feedback = HandoffFeedback(team: which.team, at: which.at, words: words, by: acting.id)
    try HandoffText.show(try await global.cluster.call(.scheduler, HandoffMethods.giveFeedback, feedback), global)
  }
}
