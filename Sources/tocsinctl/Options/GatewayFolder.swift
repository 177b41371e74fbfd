import ArgumentParser
import Foundation

/// Which gateway's folder a command changes: files on this machine.
struct GatewayFolder: ParsableArguments {
  @Option(
    help: ArgumentHelp("The gateway's folder (TOCSIN_INTEGRATIONS, else gateway beside the keys).", valueName: "folder")
  )
  var to: String?

  func path(beside keys: KeysFolder) -> String {
    let beside = URL(fileURLWithPath: keys.directory.path).deletingLastPathComponent().appendingPathComponent("gateway")
    return to ?? ProcessInfo.processInfo.environment["TOCSIN_INTEGRATIONS"] ?? beside.path
  }
}
