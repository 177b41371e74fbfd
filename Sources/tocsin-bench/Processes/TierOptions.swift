import ArgumentParser
import Foundation

/// Where the executables of the tiers are, and on which disk they are to be measured.
struct TierOptions: ParsableArguments {
  @Option(help: "Directory of the tiers' executables; this program's own when not given.")
  var programs: String = ""
  @Option(help: "Directory to put journals in for the time of the run.")
  var on: String = ""

  init() {}

  func executable(_ name: String) -> String {
    let directory = programs.isEmpty ? (ChildProcess.ownPath as NSString).deletingLastPathComponent : programs
    return "\(directory)/\(name)"
  }
}
