import Foundation
import Processes

extension HostOptions {
  /// What a tier was called with, and what only the environment says.
  public static func arguments(
    _ given: [String] = Array(CommandLine.arguments.dropFirst()),
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> [String] {
    EnvironmentArguments.all(for: HostOptions(), given: given, environment: environment)
  }
}
