import ArgumentParser
import Messages
import Wire

/// Weeks in which somebody gets copies of every page, to learn.
struct ShadowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "shadow", abstract: "Plan a shadow week, or take it back; `schedule show` lists them.",
    subcommands: [ShadowAssign.self, ShadowRemove.self])
}

/// A week of copies, from a handoff on.
struct ShadowAssign: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "assign", abstract: "Somebody gets copies of every page of a tier for a week, without the duty.",
    discussion: """
        tocsinctl training shadow assign nia --from 2026-12-07 --by tara

      It begins at the tier's first handoff then or later, and is recorded as done
      by itself when it is over.
      """)

  @Argument(help: ArgumentHelp("Who learns.", valueName: "person"))
  var person: String
  @OptionGroup var team: TeamOption
  @Option(help: "Whose pages: primary when not given.")
  var tier: TierArgument?
  @Option(parsing: .unconditional, help: ArgumentHelp("Not before: \(TimeArgument.help).", valueName: "time"))
  var from: TimeArgument?
  @OptionGroup var acting: ActingPerson
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let cluster = global.cluster
    let request = ShadowRequest(
      team: try await team.one(cluster), tier: tier?.number ?? 0, person: person,
      fromAt: try from.instant(global.times), by: acting.id)
    let reply = try await cluster.call(.scheduler, ScheduleMethods.assignShadow, request)
    let times = global.times
    try Answer.show(reply, global.output) {
      guard let shadow = reply.shadow else { return }
      print(
        "\(SafeText.line(shadow.id)): \(SafeText.line(shadow.person)) gets copies of the pages of "
          + "\(DutyTier.word(shadow.tier)) of \(SafeText.line(shadow.team)), \(times.short(shadow.fromAt)) to "
          + "\(times.short(shadow.untilAt)) \(times.zone)")
    }
  }
}

/// It won't be, or ends now: then it isn't recorded as done.
struct ShadowRemove: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove", abstract: "Take back a shadow week; what ends early isn't recorded as done.",
    discussion: """
        tocsinctl training shadow remove shadow-2 --reason "on holiday" --by tara
      """)

  @Argument(help: ArgumentHelp("The shadow week.", valueName: "id"))
  var id: String
  @Option(help: "Why; kept.")
  var reason: String = ""
  @OptionGroup var acting: ActingPerson
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let request = ShadowRemoval(shadowId: id, reason: reason, by: acting.id)
    let reply = try await global.cluster.call(.scheduler, ScheduleMethods.removeShadow, request)
    try Answer.show(reply, global.output) { print("removed \(SafeText.line(id))") }
  }
}
