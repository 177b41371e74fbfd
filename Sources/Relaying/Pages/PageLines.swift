import Bus
import Logging
import Messages
import Pages
import Serving
import Wire

/// The connections of the pages to the tiers, with the key of the pages (role `pages`), and what the escalator tells of by itself.
final class PageLines: Sendable {
  /// Less than a server gives an answer, more than a tier needs to be there again.
  private static let timeout = Span.seconds(8)
  /// A tier that is away keeps nobody waiting at night: pages say so, and show what the others know.
  private static let timeoutOfThoseAway = Span.milliseconds(1_200)
  private static let listensAgainAfter = Duration.seconds(1)

  private let lines: [Peer: TierLine]
  private let log: Logger

  /// Keys that are made anew are known within a second or two.
  init(_ options: GatewayOptions, log: Logger) throws(RelayFailure) {
    self.log = log
    let keys = LineKeys.pages(options.integrations, hasKeys: !options.insecureLoopback)
    var lines: [Peer: TierLine] = [:]
    for (peer, endpoint) in [
      (Peer.scheduler, options.scheduler), (.escalator, options.escalator), (.notifier, options.notifier),
    ] {
      guard let endpoint else { throw RelayFailure("--page-url needs --scheduler, --escalator and --notifier") }
      lines[peer] = TierLine(peer.rawValue, endpoint, keys: keys, log: log)
    }
    self.lines = lines
    let all = Array(lines.values)
    Follower.follow("pages", "what the pages need", log: log) { () throws(RelayFailure) in
      for line in all { try line.look() }
    }
  }

  var desk: Desk {
    Desk { [lines] peer, path, payload, key in
      guard let line = lines[peer] else {
        return .failure(Refusal(.unavailable, "\(peer) can't be reached from here"))
      }
      let key = key.map { IdempotencyKey.make(at: $0.since, from: $0.digest) } ?? IdempotencyKey.make()
      do throws(Refusal) {
        return .success(
          try await line.connection.raw(
            path, payload, timeout: line.isUp ? Self.timeout : Self.timeoutOfThoseAway, identity: .key(key)))
      } catch {
        // To a reader it is one that is away: what was known of their session holds.
        return .failure(error.status == .unauthenticated ? Refusal(.unavailable, "\(peer): \(error.message)") : error)
      }
    }
  }

  /// Tells the feed of each incident that changes, as long as this program runs. What is missed while the escalator is away the pages
  /// see when they ask again: they do so once it is back.
  func follow(into feed: EventFeed) {
    guard let escalator = lines[.escalator] else { return }
    Task { [log] in
      while true {
        do {
          for try await line in try escalator.connection.stream(EscalationMethods.watch, WatchRequest()) {
            feed.tell("changed", line.incidentId.filter { $0.isASCII && !$0.isWhitespace })
          }
        } catch {
          log.debug("pages: the escalator's news ended: \(error)")
        }
        try? await Task.sleep(for: Self.listensAgainAfter)
        feed.tell("changed", "all")
      }
    }
  }
}
