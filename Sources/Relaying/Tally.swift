import Glibc
import Messages
import Metrics
import Pages
import Synchronization

/// What the gateway counts, for monitoring.
final class Tally: Sendable {
  private struct Of: Hashable {
    var source: String
    var format: String
  }
  private struct Counts {
    var taken: [Of: UInt64] = [:]
    var refused: [String: UInt64] = [:]
    var misunderstood: [Of: UInt64] = [:]
    var truncated: [Of: UInt64] = [:]
    var strangers: UInt64 = 0
    var ignoredLogins: [ForwardedLogin.Distrust: UInt64] = [:]
    var codes: [DoorNews.Code: UInt64] = [:]
    var took: [String: Histogram] = [:]
    /// When something of a kind was last logged.
    var news: [String: UInt64] = [:]
  }
  /// Sources are few and known; what strangers send must not make the list of figures grow.
  private static let newsAtMost = 1_000
  private static let newsAgainAfter: UInt64 = 60_000_000_000
  private static let bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 7.5]

  private let counts = Mutex(Counts())

  /// CLOCK_MONOTONIC, nanoseconds.
  static func now() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }

  func published(_ all: [Published], of source: String, as format: String, since began: UInt64) {
    let seconds = Double(Self.now() - began) / 1e9
    counts.withLock { counts in
      for published in all {
        if let refusal = published.refusal {
          counts.refused[refusal.status.name, default: 0] += 1
        } else {
          counts.taken[Of(source: source, format: format), default: 0] += 1
        }
      }
      counts.took[format, default: Histogram(Self.bounds)].add(seconds)
    }
  }

  /// A heartbeat, or why it wasn't taken.
  func beaten(of source: String, _ refusal: Refusal?, since began: UInt64) {
    let seconds = Double(Self.now() - began) / 1e9
    counts.withLock { counts in
      if let refusal {
        counts.refused[refusal.status.name, default: 0] += 1
      } else {
        counts.taken[Of(source: source, format: "heartbeat"), default: 0] += 1
      }
      counts.took["heartbeat", default: Histogram(Self.bounds)].add(seconds)
    }
  }

  /// Alerts that a sender has left out of what it sent.
  func truncated(_ count: UInt64, of source: String, as format: String) {
    counts.withLock { counts in
      let sum = counts.truncated[Of(source: source, format: format), default: 0].addingReportingOverflow(count)
      counts.truncated[Of(source: source, format: format)] = sum.overflow ? .max : sum.partialValue
    }
  }

  func strangers() { counts.withLock { $0.strangers += 1 } }

  func atTheDoor(_ news: DoorNews) {
    counts.withLock { counts in
      switch news {
      case .code(let code): counts.codes[code, default: 0] += 1
      case .ignoredLogin(let why, _): counts.ignoredLogins[why, default: 0] += 1
      }
    }
  }

  /// Whether it should be logged.
  func misunderstood(of source: String, as format: String) -> Bool {
    counts.withLock { $0.misunderstood[Of(source: source, format: format), default: 0] += 1 }
    return isNews("misunderstood \(source) \(format)")
  }

  /// True once a minute for each kind of thing.
  ///
  /// - Parameter now: another thread may have looked at the clock later, and been here before.
  func isNews(_ kind: String, at now: UInt64 = Tally.now()) -> Bool {
    counts.withLock { counts in
      if let last = counts.news[kind], now < last + Self.newsAgainAfter { return false }
      if counts.news.count >= Self.newsAtMost { counts.news = [:] }
      counts.news[kind] = now
      return true
    }
  }

  var figures: [Figure] {
    let counts = counts.withLock { $0 }
    func samples(_ counts: [Of: UInt64]) -> [Figure.Sample] {
      counts.sorted { ($0.key.source, $0.key.format) < ($1.key.source, $1.key.format) }.map {
        .init(Double($0.value), [.init("source", $0.key.source), .init("format", $0.key.format)])
      }
    }
    return [
      Figure(
        "tocsin_gateway_events_total", .counter, "Events that alert-intake has on disk, by source and format.",
        samples(counts.taken)),
      Figure(
        "tocsin_gateway_refused_total", .counter, "Events that alert-intake did not take, by its status.",
        counts.refused.sorted { $0.key < $1.key }.map { .init(Double($0.value), [.init("status", $0.key)]) }),
      Figure(
        "tocsin_gateway_misunderstood_total", .counter, "Requests that could not be understood, by source and format.",
        samples(counts.misunderstood)),
      Figure(
        "tocsin_gateway_truncated_alerts_total", .counter,
        "Alerts that a sender has left out of its webhooks (max_alerts), by source and format.",
        samples(counts.truncated)),
      Figure(
        "tocsin_gateway_strangers_total", .counter, "Requests without a key that is known.", Double(counts.strangers)),
      Figure(
        "tocsin_gateway_logins_ignored_total", .counter,
        "Logins that a header named and that weren't believed: from no proxy's address, or without its secret.",
        // Those that have not happened too: monitoring sees a first one only as a step from nought.
        ForwardedLogin.Distrust.allCases.map {
          .init(Double(counts.ignoredLogins[$0] ?? 0), [.init("why", $0.rawValue)])
        }),
      Figure(
        "tocsin_gateway_codes_total", .counter,
        "Codes for signing in that were entered, and tries that weren't looked at because too many came from their address.",
        DoorNews.Code.allCases.map { .init(Double(counts.codes[$0] ?? 0), [.init("outcome", $0.rawValue)]) }),
      Figure(
        "tocsin_gateway_publish_seconds", "From a request's last byte to alert-intake's last answer, by format.",
        by: "format", counts.took),
    ]
  }
}
