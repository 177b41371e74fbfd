import ArgumentParser
import Messages

/// A piece of work on the command line: `2026-12-01T02:10Z/2026-12-01T03:40Z`, each end in any form that a time has.
struct WorkSpanArgument: ExpressibleByArgument, Sendable {
  var from: TimeArgument
  var until: TimeArgument

  init?(argument: String) {
    let ends = argument.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard ends.count == 2, !ends.contains(""), let from = TimeArgument(argument: ends[0]),
      let until = TimeArgument(argument: ends[1])
    else { return nil }
    self.from = from
    self.until = until
  }

  func span(_ times: Times) throws -> WorkSpan {
    WorkSpan(fromAt: try from.instant(times), untilAt: try until.instant(times))
  }
}
