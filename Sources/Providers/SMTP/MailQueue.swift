import CCurl
import Foundation
import Messages
import Synchronization

/// Letters on their way, a thread each and so many at once to each server: one that hangs holds up only what goes to it.
///
/// What waits is bounded by what the notifier has under way, and gives up when its time is over before its turn.
final class MailQueue: Sendable {
  static let perServer = 16

  private struct Waiting {
    var request: MailConversation.Request
    var since: ContinuousClock.Instant
    var then: @Sendable (MailConversation.End) -> Void
  }

  private struct Line {
    var waiting: [Waiting] = []
    var busy = 0
  }

  private let lines = Mutex<[String: Line]>([:])

  init() {
    curl_global_init(Int(CURL_GLOBAL_DEFAULT))
  }

  func send(_ request: MailConversation.Request, then: @escaping @Sendable (MailConversation.End) -> Void) {
    let isBegun = lines.withLock { lines in
      var line = lines[request.url] ?? Line()
      line.waiting.append(Waiting(request: request, since: .now, then: then))
      let begins = line.busy < Self.perServer
      if begins { line.busy += 1 }
      lines[request.url] = line
      return begins
    }
    guard isBegun else { return }
    let thread = Thread { [self] in work(for: request.url) }
    thread.name = "letters"
    thread.stackSize = 1 << 20
    thread.start()
  }

  private func work(for server: String) {
    while let next = next(for: server) {
      let limit = next.request.totalTimeout
      guard next.since.duration(to: .now) < .milliseconds(limit.milliseconds) else {
        next.then(.neverSent("the mail server was busy with other letters for too long"))
        continue
      }
      next.then(MailConversation.perform(next.request))
    }
  }

  /// Nil ends a thread: its place is free before anybody else looks.
  private func next(for server: String) -> Waiting? {
    lines.withLock { lines in
      guard var line = lines[server] else { return nil }
      guard !line.waiting.isEmpty else {
        line.busy -= 1
        lines[server] = line.busy == 0 ? nil : line
        return nil
      }
      let first = line.waiting.removeFirst()
      lines[server] = line
      return first
    }
  }
}
