import ArgumentParser
import Wire

/// Who may call what.
struct KeysRoles: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "roles", abstract: "Which methods need which role, and which hold a key to its own name.")

  func run() throws {
    for group in MethodAccess.groups {
      let held = group.actor.isEmpty ? "" : " (field \"\(group.actor)\": their own name, but for lead and admin)"
      print("\(group.roles)\(held):")
      for method in group.methods { print("  \(method)") }
    }
  }
}
