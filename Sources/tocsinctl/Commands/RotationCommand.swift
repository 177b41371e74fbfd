import ArgumentParser
import Configuration
import Messages
import Wire

/// Rotations: whose turn it is, generated.
struct RotationCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rotation", abstract: "List rotations, and see what an edit of them would change.",
    subcommands: [RotationList.self, RotationPreview.self])
}

/// The rotations as configured.
struct RotationList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List rotations: tier, shift, handoff, members in order.",
    discussion: """
        tocsinctl rotation list --team platform
      """)

  @Option(name: .customLong("team"), help: ArgumentHelp("Only a team's.", valueName: "id"))
  var team: String?
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let request = ListPeopleRequest(team: team ?? "")
    let reply = try await global.cluster.call(.scheduler, ScheduleMethods.listPeople, request)
    switch global.output {
    case .json: print(Answer.object(["rotations": try Answer.array(reply.rotations)]))
    case .table:
      var table = Table("ROTATION", "TEAM", "TIER", "SHIFT", "HANDOFF", "STARTS", "MEMBERS")
      for rotation in reply.rotations {
        let isFollowing = !rotation.follows.isEmpty
        table.add(
          rotation.id, rotation.team, DutyTier.word(rotation.tier), isFollowing ? "-" : RotationText.shift(rotation),
          isFollowing ? "-" : RotationText.handoff(rotation), isFollowing ? "-" : rotation.startDate,
          isFollowing ? "follows \(rotation.follows): its next holder" : rotation.members.joined(separator: ", "))
      }
      table.print(otherwise: "no rotations")
    }
  }
}

/// Who gains and who loses which shift if these files were applied.
struct RotationPreview: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "preview", abstract: "Show who would gain and who would lose which shift if files were applied.",
    discussion: """
        tocsinctl rotation preview -f compose/config --weeks 26

      The files are one whole configuration, as for `apply`; nothing is changed.
      """)

  @Option(name: [.short, .customLong("file")], help: ArgumentHelp("A file or directory.", valueName: "path"))
  var files: [String]
  @Option(help: ArgumentHelp("How far ahead.", valueName: "n"))
  var weeks: Int = 13
  @OptionGroup var global: GlobalOptions

  mutating func validate() throws {
    if !(1...104).contains(weeks) { throw ValidationError("--weeks is from 1 to 104") }
  }

  func run() async throws {
    let configuration = try ClusterConfiguration(reading: SourceFile.gather(files))
    let request = PreviewRequest(
      untilAt: global.times.now + .days(7 * Int64(weeks)), edit: .configuration(configuration.schedule))
    let reply = try await global.cluster.call(.scheduler, ScheduleMethods.preview, request)
    try Answer.show(reply, global.output) { PreviewText.show(reply, global.times) }
  }
}
