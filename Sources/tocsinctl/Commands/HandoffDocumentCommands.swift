import ArgumentParser
import Messages
import Wire

/// The document itself.
struct HandoffDocumentShow: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "document", abstract: "Print the handoff document as Markdown; with -o json as JSON.",
    discussion: """
        tocsinctl handoff document --at 2026-12-07 > handoff.md
      """)

  @OptionGroup var handoff: HandoffOption
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let request = try await handoff.request(global)
    let reply = try await global.cluster.call(.scheduler, HandoffMethods.document, request)
    try HandoffText.show(reply, global)
  }
}

/// Words that no data has.
struct HandoffEditing: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "edit", abstract: "Put words in the handoff document, as outgoing primary or lead.",
    discussion: """
        tocsinctl handoff edit known --entry "Slow start" "the first call takes 5 s"
        tocsinctl handoff edit active --entry 2f-1 --field next_steps "scale out"

      health: the assessment. active: an incident's status, impact, next_steps,
      owner. recurring: of service/class its problem, mitigation, action_item.
      known: of a title its description, impact, workaround, action_item, owner.
      changes: a change's impact. monitoring, recommendations: a note.

      Empty text takes words back: what was computed stands there again, a note or
      a known issue is removed. Known issues stay from handoff to handoff.
      """)

  enum Section: String, ExpressibleByArgument, CaseIterable, Sendable {
    case health, active, recurring, known, changes, monitoring, recommendations

    var value: HandoffSection {
      switch self {
      case .health: .summary
      case .active: .activeIssues
      case .recurring: .recurringProblems
      case .known: .knownIssues
      case .changes: .recentChanges
      case .monitoring: .monitoringNotes
      case .recommendations: .recommendations
      }
    }
  }

  @Argument(help: "Which section.")
  var section: Section
  @Argument(help: "The words.")
  var text: String
  @Option(help: "Which incident, problem, issue, change or note; without one a new note.")
  var entry: String = ""
  @Option(help: "What of it, where there are several.")
  var field: String = ""
  @OptionGroup var handoff: HandoffOption
  @OptionGroup var acting: ActingPerson
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let which = try await handoff.request(global)
    let edit = HandoffEdit(
      team: which.team, at: which.at, section: section.value, entry: entry, field: field, text: text, by: acting.id)
    try HandoffText.show(try await global.cluster.call(.scheduler, HandoffMethods.edit, edit), global)
  }
}

/// Something was deployed or changed.
struct HandoffChange: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "change", abstract: "Record a deployment or change, for the handoff document.",
    discussion: """
        tocsinctl handoff change "release 42" --service aion-web-api --by ana

      Recorded again with the same --id it is replaced, as when its impact shows.
      """)

  @Argument(help: "What was changed.")
  var summary: String
  @Option(help: "Its id; a number when not given.")
  var id: String = ""
  @Option(help: "What it was done to.")
  var service: String = ""
  @Option(parsing: .unconditional, help: ArgumentHelp("When; now when not given.", valueName: "time"))
  var at: TimeArgument?
  @Option(help: ArgumentHelp("Where more is to be read.", valueName: "url"))
  var link: String = ""
  @Option(help: "Issues that were observed.")
  var impact: String = ""
  @Flag(help: "Part of a fire drill: not kept.")
  var drill = false
  @OptionGroup var team: TeamOption
  @OptionGroup var acting: ActingPerson
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let change = ChangeEvent(
      id: id, team: try await team.one(global.cluster), service: service, summary: summary,
      at: try at.instant(global.times), link: link, impact: impact, by: acting.id, drill: drill)
    let reply = try await global.cluster.call(.scheduler, HandoffMethods.recordChange, change)
    try Answer.show(reply, global.output) {
      Answer.facts([
        ("change", reply.id), ("service", reply.service), ("what", reply.summary), ("at", global.times.full(reply.at)),
        ("impact", reply.impact), ("link", reply.link),
      ])
    }
  }
}
