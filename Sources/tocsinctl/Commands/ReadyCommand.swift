import ArgumentParser
import Messages
import Wire

/// What whoever takes over as primary does before the shift.
struct ReadyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ready", abstract: "Get ready for a shift as primary: the checklists before it, and test pages.",
    subcommands: [ReadyShow.self, ReadyTicking.self, ReadyTesting.self, ReadyConfirming.self])
}

/// What is done and what is missing.
struct ReadyShow: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show what whoever takes over as primary has done and has still to do.",
    discussion: """
        tocsinctl ready show --person ben
      """)

  @OptionGroup var ready: ReadyOption
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let request = try await ready.request(global)
    try ReadyText.show(try await global.cluster.call(.scheduler, ReadinessMethods.show, request), global)
  }
}

/// Items of the checklists are done.
struct ReadyTicking: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tick", abstract: "Tick items of the checklists before a shift as primary.",
    discussion: """
        tocsinctl ready tick access-1 access-2 --by ben

      Without --person or --at it is the list of whoever is named by --by. It opens
      a week before the shift. What isn't done is reminded of a day and an hour
      before the handoff, and goes to the lead at it.
      """)

  @Argument(help: ArgumentHelp("The items, as `ready show` names them.", valueName: "item"))
  var items: [String]
  @Flag(help: "They aren't done after all.")
  var undo = false
  @OptionGroup var ready: ReadyOption
  @OptionGroup var acting: ActingPerson
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let whose = try await ready.request(global)
    var record = ReadinessRecord()
    for item in items {
      let tick = ReadinessTick(
        team: whose.team, at: whose.at, person: whose.person, item: item, undo: undo, by: acting.id)
      record = try await global.cluster.call(.scheduler, ReadinessMethods.tick, tick)
    }
    try ReadyText.show(record, global)
  }
}
