import Logging
import Processes
import Serving

/// Connections are as many as the files that the system lets this process open leave room for.
extension ServingLimits {
  /// For connections to tiers, files of keys, the log.
  private static let otherFiles = 256

  /// As many as the system grants are taken; fewer connections are let in where that isn't enough.
  static func granted(_ log: Logger) -> ServingLimits {
    let files = OpenFiles.raise(to: ServingLimits().connections + otherFiles)
    let limits = ServingLimits(files: files)
    if limits.connections < ServingLimits().connections {
      log.warning("only \(limits.connections) connections at once: this process may open \(files) files")
    }
    return limits
  }

  init(files: Int) {
    self.init()
    connections = min(connections, max(files - Self.otherFiles, files / 2))
  }
}
