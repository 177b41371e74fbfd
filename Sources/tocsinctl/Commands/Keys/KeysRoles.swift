import ArgumentParser
import Wire

/// Who may call what.
struct KeysRoles: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "roles", abstract: "Which methods need which role, and which hold a key to its own name.")

  func run() throws {
    for group in MethodAccess.groups {
      let held = group.actor.isEmpty ? "" : " (field \"\(group.actor)\": their own name, but for lead and admin)"
      let only = group.tiers.isEmpty ? "" : " (of tiers \(group.tiers.joined(separator: " and ")) only)"
      print("\(group.roles)\(held)\(only):")
      for method in group.methods { print("  \(method)") }
    }
  }
}
