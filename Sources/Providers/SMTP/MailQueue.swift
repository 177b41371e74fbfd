import CCurl
import Foundation
import Messages
import Synchronization

/// Letters on their way, a thread each and so many at once to each server: one that hangs holds up only what goes to it.
///
/// So many more wait for their turn, which counts as part of a letter's time, and give up when that is over before it; whatever else
/// comes for the same server is turned away at once.
final class MailQueue: Sendable {
  static let perServer = 16
  static let waitingPerServer = ProviderKind.smtp.underWayAtMost - perServer

  private struct Waiting {
    var request: MailConversation.Request
    var since: ContinuousClock.Instant
    var then: @Sendable (MailConversation.End) -> Void

    var waited: Span {
      let (seconds, attoseconds) = since.duration(to: .now).components
      return .milliseconds(seconds * 1_000 + attoseconds / 1_000_000_000_000_000)
    }
  }

  private struct Line {
    var waiting: [Waiting] = []
    var busy = 0
  }

  private enum Turn { case now, later, never }

  private let lines = Mutex<[String: Line]>([:])

  init() {
    curl_global_init(Int(CURL_GLOBAL_DEFAULT))
  }

  func send(_ request: MailConversation.Request, then: @escaping @Sendable (MailConversation.End) -> Void) {
    let turn: Turn = lines.withLock { lines in
      var line = lines[request.url] ?? Line()
      let begins = line.busy < Self.perServer
      guard begins || line.waiting.count < Self.waitingPerServer else { return .never }
      line.waiting.append(Waiting(request: request, since: .now, then: then))
      if begins { line.busy += 1 }
      lines[request.url] = line
      return begins ? .now : .later
    }
    switch turn {
    case .now: break
    case .later: return
    case .never: return then(.turnedAway(retryAfter: .seconds(5)))
    }
    let thread = Thread { [self] in work(for: request.url) }
    thread.name = "letters"
    thread.stackSize = 1 << 20
    thread.start()
  }

  private func work(for server: String) {
    while let next = next(for: server) {
      var request = next.request
      request.totalTimeout = request.totalTimeout - next.waited
      guard request.totalTimeout > .zero else {
        next.then(.neverSent("the mail server was busy with other letters for too long"))
        continue
      }
      next.then(MailConversation.perform(request))
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
