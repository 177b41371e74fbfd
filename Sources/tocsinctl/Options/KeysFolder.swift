import ArgumentParser
import Bus
import Foundation
import Messages

/// Which folder of keys a command changes: files on this machine, no tier is asked.
struct KeysFolder: ParsableArguments {
  @Option(
    name: .customLong("keys"),
    help: ArgumentHelp("The folder of keys (TOCSIN_KEYS, else data/keys).", valueName: "folder"))
  var given: String?

  var directory: KeyDirectory {
    KeyDirectory(given ?? ProcessInfo.processInfo.environment["TOCSIN_KEYS"] ?? "data/keys")
  }

  static var now: Instant {
    // Whole seconds: that is how the list shows them.
    Instant(milliseconds: Int64(Date().timeIntervalSince1970) * 1_000)
  }
}
