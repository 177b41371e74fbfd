import FlyingFox
import FlyingSocks
import Foundation
import Glibc
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
  private let log: @Sendable (String) -> Void
  private let latest = Mutex<TierReport?>(nil)
  private let isAsked = Atomic<Bool>(false)

  /// - Parameter ask: makes the loop call `show` soon; called from any thread.
  /// - Parameter besides: figures that are looked up here and not on the loop, because a disk that hangs must not stop it.
  /// - Parameter log: hears why nothing can be served.
  public init(
    _ place: MetricsPlace, ask: @escaping @Sendable () -> Void, besides: @escaping @Sendable () -> [Figure] = { [] },
    log: @escaping @Sendable (String) -> Void
  ) {
    self.place = place
    self.ask = ask
    self.besides = besides
    self.log = log
    // Pages matter more than their figures: a tier whose port is taken runs without, says so, and tries again.
    Task.detached { [self] in
      var said = ""
      while !Task.isCancelled {
        do { try await serve() } catch {
          let words = "metrics can't be served on \(place.host):\(place.port): \(error)"
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

  /// Until the listening socket fails.
  private func serve() async throws {
    let server =
      place.isVersion6
      ? HTTPServer(address: try .inet6(ip6: place.host, port: place.port), timeout: 10, logger: .disabled)
      : HTTPServer(address: try .inet(ip4: place.host, port: place.port), timeout: 10, logger: .disabled)
    await server.appendRoute("GET /metrics") { [self] _ in await metrics() }
    await server.appendRoute("GET /healthz") { [self] _ in await health() }
    await server.appendRoute("GET /readyz") { [self] _ in await readiness() }
    try await server.run()
  }

  private func metrics() async -> HTTPResponse {
    let report = await report()
    let isReady = Figure(
      "tocsin_ready", .gauge, "1 when this tier can be counted on, else 0 (the words are in /readyz).",
      trouble(of: report) == nil ? 1 : 0)
    let text = Exposition.text([isReady] + (report?.figures ?? []) + besides())
    return HTTPResponse(
      statusCode: .ok, headers: [.contentType: Exposition.contentType], body: Data(text.utf8))
  }

  private func health() async -> HTTPResponse { Self.answer(stuck(await report())) }
  private func readiness() async -> HTTPResponse { Self.answer(trouble(of: await report())) }

  private static func answer(_ trouble: String?) -> HTTPResponse {
    HTTPResponse(
      statusCode: trouble == nil ? .ok : .serviceUnavailable, headers: [.contentType: "text/plain; charset=utf-8"],
      body: Data("\(trouble ?? "ok")\n".utf8))
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

  private static func now() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}
