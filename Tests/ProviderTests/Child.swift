import Foundation
import Glibc
import Synchronization

/// A program in a process of its own, which ends with this. Not by Foundation's `Process`: begun in several threads at once, it may wait
/// for ever for an end, or write beyond its list of open files and take all tests with it.
final class Child: Sendable {
  /// nil once it has ended.
  private let id: Mutex<pid_t?>
  /// The other end is its standard input and output, and nobody else's: a child that another thread begins doesn't have it.
  private let talk: Int32

  /// - Parameter words: the program, looked for in PATH, and its arguments.
  init(_ words: [String]) throws {
    var ends: [Int32] = [-1, -1]
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw CocoaError(.fileReadUnknown) }
    talk = ends[0]
    defer { close(ends[1]) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDIN_FILENO)
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
    var arguments = words.map { strdup($0) } + [nil]
    var environment = ProcessInfo.processInfo.environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { (arguments + environment).forEach { free($0) } }
    var id = pid_t()
    guard posix_spawnp(&id, words[0], &actions, nil, &arguments, &environment) == 0 else {
      throw CocoaError(.executableNotLoadable)
    }
    self.id = Mutex(id)
  }

  deinit {
    stop()
    close(talk)
  }

  func stop() {
    // The threads of tests hold signals back, and what they begin inherits that.
    id.withLock { if let id = $0 { kill(id, SIGKILL) } }
    _ = end()
  }

  /// What it says, up to the end of a line.
  var line: String {
    var said: [UInt8] = []
    var byte = UInt8(0)
    while read(talk, &byte, 1) == 1, byte != 0x0a { said.append(byte) }
    return String(decoding: said, as: UTF8.self)
  }

  /// Runs a program to its end.
  ///
  /// - Throws: when it ends with another status than 0.
  static func run(_ words: [String]) throws {
    let child = try Child(words)
    guard child.end() == 0 else { throw CocoaError(.executableLoad) }
  }

  /// Waits for it, and says with which status; nil where it had ended before.
  private func end() -> Int32? {
    id.withLock { id in
      guard let child = id.take() else { return nil }
      var status = Int32(0)
      while waitpid(child, &status, 0) < 0, errno == EINTR {}
      return status
    }
  }
}
