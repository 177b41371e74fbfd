import Bus
import Configuration
import Foundation
import Messages
import Wire

/// The real escalator on a state that was made for it, and the real notifier that takes its pages.
final class TakenOver {
  private let place: Place
  private let tiers: TierOptions
  private let port: String
  private var processes: [ChildProcess] = []
  /// To the notifier.
  let notifier: Connection

  /// Starts the notifier. What the escalator is to take over must be in the place's `escalator` before it is started.
  init(_ place: Place, _ tiers: TierOptions, config: String) async throws {
    (self.place, self.tiers) = (place, tiers)
    port = "tcp://127.0.0.1:\(try Place.freePort())"
    let process = try ChildProcess(
      tiers.executable("notifier"),
      [
        "--insecure-loopback", "--listen", port, "--data", "\(place.directory)/notifier", "--pages",
        "\(place.directory)/pages.log",
      ],
      log: "\(place.directory)/notifier.log")
    processes.append(process)
    notifier = try Connection(on: PollThread(name: "looking"), endpoint: port)
    _ = try await notifier.serving(since: PollThread.now())
    var wanted = try ClusterConfiguration(reading: SourceFile.gather([config])).notification
    wanted.watch = nil
    _ = try await notifier.call(NotificationMethods.configure, wanted, timeout: .seconds(10))
  }

  /// - Returns: where it listens.
  @discardableResult
  func startEscalator() throws -> String {
    let endpoint = "tcp://127.0.0.1:\(try Place.freePort())"
    let process = try ChildProcess(
      tiers.executable("escalator"),
      [
        "--insecure-loopback", "--listen", endpoint, "--data", "\(place.directory)/escalator", "--notifier", port,
      ], log: "\(place.directory)/escalator.log")
    processes.append(process)
    return endpoint
  }

  func end() { for process in processes { process.kill() } }
}
