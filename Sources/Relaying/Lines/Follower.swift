import Bus
import Glibc
import Logging

/// What is looked at once a second as long as the program runs. What is wrong with it is said once, and so is that it is in order again.
enum Follower {
  private static let looksEvery: useconds_t = 1_000_000

  /// Looks at once, and then on a thread of its own.
  ///
  /// - Parameters:
  ///   - name: the thread's.
  ///   - what: in the words of the log, "what the pages need".
  ///   - look: throws what is wrong, and changes nothing then.
  static func follow(
    _ name: String, _ what: String, log: Logger, look: @escaping @Sendable () throws(RelayFailure) -> Void
  ) {
    let first = said(before: "", what, log, look)
    let begins = detachThread(named: name) {
      var trouble = first
      while true {
        usleep(looksEvery)
        trouble = said(before: trouble, what, log, look)
      }
    }
    if !begins { log.error("the system has no thread for following \(what): changes need a restart") }
  }

  /// Returns what is wrong.
  private static func said(
    before: String, _ what: String, _ log: Logger, _ look: () throws(RelayFailure) -> Void
  ) -> String {
    var trouble = ""
    do throws(RelayFailure) { try look() } catch { trouble = error.description }
    if trouble != before {
      if trouble.isEmpty { log.notice("\(what) is in order again") } else { log.error("\(trouble)") }
    }
    return trouble
  }
}
