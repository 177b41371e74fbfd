import ArgumentParser
import Messages
import Wire

/// Who was at the meeting.
struct ReviewAttend: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "attend", abstract: "Record who attended a review: from then on it is held.")

  @OptionGroup var reviewed: ReviewedIncident
  @Argument(help: ArgumentHelp("Who was there.", valueName: "person"))
  var people: [String]
  @Option(parsing: .unconditional, help: ArgumentHelp("When it took place; now when not given.", valueName: "time"))
  var at: TimeArgument?
  @Flag(help: "They were not there after all.")
  var absent = false
  @OptionGroup var acting: ActingPerson
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let request = AttendanceRequest(
      incidentId: reviewed.id, by: acting.id, people: people, heldAt: try at.instant(global.times), absent: absent)
    try ReviewText.show(try await global.cluster.call(.escalator, ReviewsMethods.attend, request), global)
  }
}

/// What was found out.
struct ReviewFind: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "find", abstract: "Add a finding to a review, or change one.",
    discussion: """
        tocsinctl review find 2f-1k "the disk was full" --about cause --by ana
        tocsinctl review find 2f-1k "both disks were full" --change 1 --by ana
        tocsinctl review find 2f-1k "" --change 1 --by ana      takes it back
      """)

  @OptionGroup var reviewed: ReviewedIncident
  @Argument(help: "What was found, up to 2000 bytes. What went badly, not who.")
  var text: String
  @Option(help: "impact, cause, went-well or went-badly.")
  var about: FindingKindArgument?
  @Option(help: ArgumentHelp("The finding that is changed.", valueName: "number"))
  var change: UInt32 = 0
  @OptionGroup var acting: ActingPerson
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let request = FindingRequest(
      incidentId: reviewed.id, by: acting.id, number: change, kind: about?.kind ?? .unspecified, text: text)
    try ReviewText.show(try await global.cluster.call(.escalator, ReviewsMethods.find, request), global)
  }
}

/// What is to be done because of it.
struct ReviewAct: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "action", abstract: "Add something that is to be done, or change it.",
    discussion: """
        tocsinctl review action 2f-1k "alert at 80 %" --owner cai --due +5d --by ana
        tocsinctl review action 2f-1k "say how to grow the disk" --runbook \\
          --due 2026-12-10 --by ana
        tocsinctl review action 2f-1k "" --change 1 --by ana    takes it back

      Whose it is hears of it when it is due and not done.
      """)

  @OptionGroup var reviewed: ReviewedIncident
  @Argument(help: "What is to be done, up to 500 bytes.")
  var text: String
  @Flag(help: "A runbook is to be updated.")
  var runbook = false
  @Option(help: ArgumentHelp("Who does it; whoever owns the review when not given.", valueName: "person"))
  var owner: String?
  @Option(
    parsing: .unconditional, help: ArgumentHelp("By when, within 366 days: \(TimeArgument.help).", valueName: "time"))
  var due: TimeArgument?
  @Option(help: ArgumentHelp("The action that is changed.", valueName: "number"))
  var change: UInt32 = 0
  @OptionGroup var acting: ActingPerson
  @OptionGroup var global: GlobalOptions

  mutating func validate() throws {
    guard text.isEmpty || due != nil else { throw ValidationError("say by when it is to be done: --due TIME") }
  }

  func run() async throws {
    let request = ReviewActionRequest(
      incidentId: reviewed.id, by: acting.id, number: change, kind: runbook ? .runbook : .unspecified, text: text,
      owner: owner ?? "", dueAt: try due.instant(global.times))
    try ReviewText.show(try await global.cluster.call(.escalator, ReviewsMethods.act, request), global)
  }
}

/// An action is done.
struct ReviewDone: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "done", abstract: "Tick an action of a review, open or closed.")

  @OptionGroup var reviewed: ReviewedIncident
  @Argument(help: "The action.")
  var number: UInt32
  @Flag(help: "It is not done after all.")
  var undo = false
  @OptionGroup var acting: ActingPerson
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let tick = ReviewTick(incidentId: reviewed.id, by: acting.id, number: number, undo: undo)
    try ReviewText.show(try await global.cluster.call(.escalator, ReviewsMethods.tick, tick), global)
  }
}

/// Somebody else sees to it.
struct ReviewReassign: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reassign", abstract: "Give a review to somebody else.")

  @OptionGroup var reviewed: ReviewedIncident
  @Option(help: ArgumentHelp("Who sees to it from now on.", valueName: "person"))
  var to: String
  @OptionGroup var acting: ActingPerson
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let request = ReviewReassignment(incidentId: reviewed.id, by: acting.id, to: to)
    try ReviewText.show(try await global.cluster.call(.escalator, ReviewsMethods.reassign, request), global)
  }
}

/// All is said.
struct ReviewClose: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "close", abstract: "Close a review; what is still to be done stays listed.",
    discussion: """
      Refused while nobody's attendance is recorded, or it has no finding.
      """)

  @OptionGroup var reviewed: ReviewedIncident
  @OptionGroup var acting: ActingPerson
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let request = ReviewClosing(incidentId: reviewed.id, by: acting.id)
    try ReviewText.show(try await global.cluster.call(.escalator, ReviewsMethods.close, request), global)
  }
}

/// What a finding is about, on the command line.
struct FindingKindArgument: ExpressibleByArgument, Sendable {
  var kind: FindingKind

  init?(argument: String) {
    guard let kind = FindingKind.allCases.first(where: { $0 != .unspecified && $0.word == argument }) else {
      return nil
    }
    self.kind = kind
  }
}
