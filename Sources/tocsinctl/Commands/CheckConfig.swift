import ArgumentParser
import Configuration
import Messages

/// Reads configuration without a cluster.
struct CheckConfig: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check-config",
    abstract: "Check configuration files; needs no cluster.",
    discussion: """
      Prints every mistake as FILE:LINE:COLUMN: FIELD: expected ..., found ...;
      exits with 5 when there is one.

        tocsinctl check-config compose/config
      """)

  @Argument(help: ArgumentHelp("Files and directories that make up one configuration.", valueName: "path"))
  var paths: [String]

  func run() throws {
    let files = try SourceFile.gather(paths)
    let read = try ClusterConfiguration(reading: files)
    let counts = [
      (read.schedule.teams.count, "team"), (read.schedule.people.count, "people"),
      (read.schedule.rotations.count, "rotation"), (read.escalation.policies.count, "policy"),
      (read.intake.services.count, "service"), (read.intake.routes.count, "route"),
      (read.intake.classes.count, "alert class"), (read.notification.contacts.count, "contact"),
    ]
    let words = counts.map { "\($0) \(CheckConfig.plural($1, $0))" }.joined(separator: ", ")
    print("\(files.count) \(CheckConfig.plural("file", files.count)), no mistakes: \(words)")
    let fault = CarriedChannels(read.notification.contacts, by: read.notification.channels).fault
    if !fault.isEmpty { print("note: \(fault)") }
  }

  private static func plural(_ word: String, _ count: Int) -> String {
    if word == "people" { return count == 1 ? "person" : "people" }
    guard count != 1 else { return word }
    return word == "policy" ? "policies" : word.hasSuffix("s") ? word + "es" : word + "s"
  }
}
