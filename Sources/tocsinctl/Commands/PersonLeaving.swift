import ArgumentParser
import Messages
import Wire

/// What names somebody who leaves.
struct PersonLeaving: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "leaving", abstract: "Show all that names somebody who leaves, and what must be arranged first.",
    discussion: """
        tocsinctl person leaving hal

      Nothing is changed. Each shift that is held needs a swap, cover or an override;
      then a configuration without the person is taken by apply.
      """)

  @Argument(help: ArgumentHelp("Who.", valueName: "id"))
  var id: String
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let reply = try await global.cluster.call(.scheduler, ScheduleMethods.showLeaving, LeavingRequest(person: id))
    try Answer.show(reply, global.output) {
      let times = global.times
      Answer.facts([
        (
          "may leave",
          reply.mayLeave ? "yes: nothing is held" : "not yet: arrange a swap, cover or an override for each shift below"
        ),
        ("rotations", reply.rotations.isEmpty ? "none" : reply.rotations.joined(separator: ", ")),
        ("roles", reply.roles.isEmpty ? "none" : reply.roles.joined(separator: ", ")),
      ])
      print("")
      var held = Table("HOLDS", "TEAM", "FROM (\(times.zone))", "UNTIL", "BECAUSE")
      for item in reply.held {
        guard let shift = item.shift else { continue }
        held.add(
          DutyTier.word(shift.tier), item.team, times.short(shift.fromAt), times.end(shift.untilAt), shift.explanation)
      }
      held.print(otherwise: "holds nothing")
      for swap in reply.swaps { print("\(swap.id) \(swap.state.word): \(swap.request?.giver ?? "") gives") }
      for shadow in reply.shadows { print("\(shadow.id): shadows until \(times.end(shadow.untilAt))") }
    }
  }
}
