import ArgumentParser
import Messages
import Wire

/// Offers a shift, or a part of one, to somebody or to a group.
struct SwapAsk: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "request", abstract: "Offer your shift, or a part of it, to one person or to a group.",
    discussion: """
        tocsinctl swap request --tier primary --shift 2026-12-16 --to ben \\
          --return-shift 2027-01-13 --by ana

      --shift is the whole shift that is under way then (a date means its noon);
      --from and --until a part of it. With --to several times the first to agree
      takes it. Nothing is exchanged until the giver and a taker have agreed.
      """)

  @OptionGroup var team: TeamOption
  @Option(help: "primary, secondary, tertiary or 1 .. 3.")
  var tier: TierArgument
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The whole shift under way then: \(TimeArgument.help).", valueName: "time"))
  var shift: TimeArgument?
  @Option(parsing: .unconditional, help: ArgumentHelp("Instead: from when.", valueName: "time"))
  var from: TimeArgument?
  @Option(
    parsing: .unconditional, help: ArgumentHelp("Until when; the end of that shift when not given.", valueName: "time"))
  var until: TimeArgument?
  @Option(help: ArgumentHelp("Who might take it; several times for a group.", valueName: "id"))
  var to: [String]
  @Option(help: ArgumentHelp("Whose shift it is; whoever asks when not given.", valueName: "id"))
  var giver: String?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("In return the giver takes the whole shift under way then.", valueName: "time"))
  var returnShift: TimeArgument?
  @Option(parsing: .unconditional, help: ArgumentHelp("Instead: in return from when.", valueName: "time"))
  var returnFrom: TimeArgument?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("In return until when; the end of that shift when not given.", valueName: "time"))
  var returnUntil: TimeArgument?
  @Option(help: "The tier of what is taken in return; the same when not given.")
  var returnTier: TierArgument?
  @Option(help: "Why; the others are told.")
  var reason: String = ""
  @OptionGroup var acting: ActingPerson
  @OptionGroup var dryRun: DryRun
  @OptionGroup var global: GlobalOptions

  mutating func validate() throws {
    guard (shift == nil) != (from == nil) else { throw ValidationError("--shift, or --from for a part of one") }
    if shift != nil, until != nil { throw ValidationError("--until goes with --from; --shift is whole") }
    if returnShift != nil, returnFrom != nil { throw ValidationError("--return-shift or --return-from, not both") }
    if returnUntil != nil, returnFrom == nil { throw ValidationError("--return-until goes with --return-from") }
    if returnTier != nil, returnShift == nil, returnFrom == nil {
      throw ValidationError("--return-tier goes with --return-shift or --return-from")
    }
  }

  func run() async throws {
    let cluster = global.cluster
    let team = try await team.one(cluster)
    var request = SwapRequest(
      team: team, tier: tier.number, giver: giver ?? acting.id, takers: to, reason: reason, by: acting.id)
    (request.fromAt, request.untilAt) = try await span(
      team: team, tier: tier.number, whole: shift, from: from, until: until, cluster)
    if returnShift != nil || returnFrom != nil {
      request.returnTier = returnTier?.number ?? tier.number
      (request.returnFromAt, request.returnUntilAt) = try await span(
        team: team, tier: request.returnTier, whole: returnShift, from: returnFrom, until: returnUntil, cluster)
    }
    if try await dryRun.shows(.swap(request), global) { return }
    let reply = try await cluster.call(.scheduler, ScheduleMethods.requestSwap, request)
    try SwapText.show(reply, global)
  }

  /// What was said, completed by the shift that is under way then.
  private func span(
    team: String, tier: UInt32, whole: TimeArgument?, from: TimeArgument?, until: TimeArgument?, _ cluster: Cluster
  ) async throws -> (Instant, Instant) {
    var asked = whole ?? from
    // Midnight where the reader is may still be the week before where the team is.
    if let day = whole, day.text.count == 10 { asked?.text += " 12:00" }
    let begin = try asked.instant(global.times)
    if let until { return (begin, try until.instant(global.times)) }
    let request = OnCallRequest(team: team, tier: tier, at: begin)
    let reply = try await cluster.call(.scheduler, ScheduleMethods.onCall, request)
    guard let shift = reply.shifts.first else { return (begin, begin) }
    return (whole == nil ? begin : shift.fromAt, shift.untilAt)
  }
}
