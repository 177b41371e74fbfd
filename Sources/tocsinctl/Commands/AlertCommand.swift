import ArgumentParser

/// Alerts: what sources report.
struct AlertCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "alert", abstract: "Report alerts, and list those that intake knows.",
    subcommands: [AlertSend.self, AlertList.self])
}
