import Glibc
import Listening
import Synchronization

/// Where monitoring looks at a tier, by HTTP: `/metrics` in Prometheus's text format, `/healthz` (does its loop turn at all?) and
/// `/readyz` (can it be counted on?).
///
/// It lives on threads of its own. Whoever asks makes the loop do one small thing at most a second, however many ask: it is
/// asked for a report when the last one is older than that, and not again before it has made one. No personal data is shown
/// here, and nothing can be changed.
public final class MetricsDoor: Sendable {
  /// How long the loop may take to report before the last report must do.
  private static let patience: UInt64 = 2_000_000_000
  private static let isNewFor: UInt64 = 1_000_000_000
  /// A loop that has not reported for so long although it was asked does not turn.
  private static let stuckAfter: UInt64 = 5_000_000_000

  private let place: MetricsPlace
  private let ask: @Sendable () -> Void
  private let besides: @Sendable () -> [Figure]
  private let gathering: Gathering?
  private let log: @Sendable (String) -> Void
  private let latest = Mutex<TierReport?>(nil)
  private let isAsked = Atomic<Bool>(false)

  /// - Parameter ask: makes the loop call `show` soon; called from any thread.
  /// - Parameter besides: figures that are looked up here and not on the loop, because a disk that hangs must not stop it.
  /// - Parameter gathering: whose figures besides are shown at `/metrics`; what is said of being ready is of this program alone.
  /// - Parameter log: hears why nothing can be served.
  public init(
    _ place: MetricsPlace, ask: @escaping @Sendable () -> Void, besides: @escaping @Sendable () -> [Figure] = { [] },
    gathering: Gathering? = nil, log: @escaping @Sendable (String) -> Void
  ) {
    self.place = place
    self.ask = ask
    self.besides = besides
    self.gathering = gathering
    self.log = log
    // Pages matter more than their figures: a tier whose address is taken, or isn't there yet, runs without, says so, and tries again.
    Task.detached { [self] in
      var said = ""
      while true {
        do {
          try listen()
          return
        } catch {
          let words = "metrics can't be served on \(place.text): \(error)"
          if words != said { self.log(words) }
          said = words
        }
        try? await Task.sleep(for: .seconds(1))
      }
    }
  }

  /// The loop's report.
  public func show(_ report: TierReport) {
    latest.withLock { $0 = report }
    isAsked.store(false, ordering: .releasing)
  }

  private func listen() throws(ListeningFailure) {
    _ = try HTTPListener(
      place.text,
      answer: { [self] request, then in
        Task { then(await answer(request)) }
      })
  }

  private func answer(_ request: HTTPRequest) async -> HTTPResponse {
    guard ["/metrics", "/healthz", "/readyz"].contains(request.path) else { return .notFound }
    guard request.method == "GET" || request.method == "HEAD" else {
      return HTTPResponse(405, headers: ["Allow": "GET, HEAD"])
    }
    let report = await report()
    switch request.path {
    case "/metrics": return await metrics(report)
    case "/healthz": return Self.answer(stuck(report))
    default: return Self.answer(trouble(of: report))
    }
  }

  private func metrics(_ report: TierReport?) async -> HTTPResponse {
    let isReady = Figure(
      "tocsin_ready", .gauge, "1 when this tier can be counted on, else 0 (the words are in /readyz).",
      trouble(of: report) == nil ? 1 : 0)
    let figures = [isReady] + (report?.figures ?? []) + besides()
    let text = await gathering?.text(with: figures) ?? Exposition.text(figures)
    return HTTPResponse(200, Exposition.contentType, text)
  }

  private static func answer(_ trouble: String?) -> HTTPResponse {
    HTTPResponse(trouble == nil ? 200 : 503, "text/plain; charset=utf-8", "\(trouble ?? "ok")\n")
  }

  private func trouble(of report: TierReport?) -> String? { stuck(report) ?? report?.trouble }

  private func stuck(_ report: TierReport?) -> String? {
    guard let report else { return "its loop has not reported yet" }
    let age = Self.now() - min(report.at, Self.now())
    return age > Self.stuckAfter ? "its loop has not reported for \(age / 1_000_000_000) s" : nil
  }

  /// A report that is new, or after two seconds of patience the last one.
  private func report() async -> TierReport? {
    let began = Self.now()
    while true {
      let known = latest.withLock { $0 }
      let now = Self.now()
      if let known, known.at + Self.isNewFor > now { return known }
      if now > began + Self.patience { return known }
      if !isAsked.exchange(true, ordering: .acquiringAndReleasing) { ask() }
      try? await Task.sleep(for: .milliseconds(10))
    }
  }

  static func now() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}
