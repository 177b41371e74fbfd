import ArgumentParser
import Messages
import Wire

/// The primary's tasks of each day.
struct TaskCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "task", abstract: "See and tick the primary's tasks of a day.",
    subcommands: [TaskList.self, TaskTicking.self])
}

/// What is done, what was seen, and what is open.
struct TaskList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the tasks of a day: what is open, who ticked what and what they saw.",
    discussion: """
        tocsinctl task list --date 2026-12-01
      """)

  @OptionGroup var team: TeamOption
  @Option(help: ArgumentHelp("The team's date; today when not given.", valueName: "date"))
  var date: String?
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let request = DailyTasksRequest(team: try await team.one(global.cluster), date: date ?? "")
    try TaskText.show(try await global.cluster.call(.scheduler, ReadinessMethods.listTasks, request), global)
  }
}

/// A task is done, and this was seen.
struct TaskTicking: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tick", abstract: "Tick a task of the day, with what you saw.",
    discussion: """
        tocsinctl task tick metrics --value error-rate=0.05 --value p95=420
            --value sessions=350 --by ana
        tocsinctl task tick backup --saw "3 files, 2 GB" --by ana

      A value out of its range is taken and marked.
      """)

  @Argument(help: ArgumentHelp("The task, as `task list` names it.", valueName: "task"))
  var task: String
  @Option(
    name: .customLong("value"), help: ArgumentHelp("A number that you read, by its name.", valueName: "name=number"))
  var values: [String] = []
  @Option(help: "What you saw, in your words.")
  var saw: String?
  @Flag(help: "It isn't done after all.")
  var undo = false
  @OptionGroup var team: TeamOption
  @Option(help: ArgumentHelp("The team's date; today when not given.", valueName: "date"))
  var date: String?
  @OptionGroup var acting: ActingPerson
  @OptionGroup var global: GlobalOptions

  mutating func validate() throws {
    for value in values where value.split(separator: "=").count != 2 {
      throw ValidationError("--value is a name and a number such as p95=420")
    }
  }

  func run() async throws {
    let seen = values.map { $0.split(separator: "=").map(String.init) }
    let tick = DailyTaskTick(
      team: try await team.one(global.cluster), date: date ?? "", task: task,
      values: seen.map { DailyValue(name: $0[0], value: $0[1]) }, saw: saw ?? "", undo: undo, by: acting.id)
    try TaskText.show(try await global.cluster.call(.scheduler, ReadinessMethods.tickTask, tick), global)
  }
}
