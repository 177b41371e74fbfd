import Bus
import CivilTime
import Glibc
import Logging
import Messages
import Metrics
import Processes
import Wire

/// A tier that has ended too often to be trusted with its disk: it answers health with NOT_SERVING and everything else with
/// UNAVAILABLE, and ends when its rest is over, so that whoever keeps it running starts it anew.
enum RestingTier {
  static func run(_ name: String, _ options: HostOptions, _ doors: Doors, rest: EndRecord.Rest, log: Logger) -> Never {
    let thread = PollThread(name: name)
    let reason =
      "ended \(EndRecord.tooMany) times within ten minutes; rests until \(rest.until.rfc3339), or until "
      + "\(options.data)/ends is removed and it is started again. The last time: \(rest.reason)"
    log.critical("\(reason)")
    let metrics = options.metrics.flatMap { MetricsPlace($0) }.map { place in
      MetricsDoor(place, ask: {}, log: { log.error("\($0)") })
    }
    thread.post {
      show(reason, at: metrics, on: thread)
      do {
        let server = try doors.open(on: thread).server
        server.onCall = { call in
          guard call.path == HealthMethods.check.path else {
            return server.answer(
              call.handle, .failure(Refusal(.unavailable, "\(name) \(reason)", retryAfter: .seconds(5))))
          }
          let now = TierClock.read(CLOCK_REALTIME)
          let health = HealthReply(status: .notServing, tier: name, reason: reason, nowAt: now, version: tocsinVersion)
          server.answer(call.handle, .success(health.encoded()))
        }
        let left = max(.seconds(1), rest.until - TierClock.read(CLOCK_REALTIME))
        thread.after(milliseconds: min(left, EndRecord.window).milliseconds) { ProcessEnd.now(75) }
        _ = Unmanaged.passRetained(server)
      } catch {
        log.critical("\(error)")
        ProcessEnd.now(78)
      }
    }
    // As the first process of a container it would otherwise not hear that it shall end.
    for number in [SIGTERM, SIGINT] { signal(number) { _ in _exit(0) } }
    while true { pause() }
  }

  /// Often enough that whoever asks finds a new report.
  private static func show(_ reason: String, at metrics: MetricsDoor?, on thread: PollThread) {
    guard let metrics else { return }
    metrics.show(TierReport([], trouble: reason, at: PollThread.now()))
    thread.after(milliseconds: 500) { show(reason, at: metrics, on: thread) }
  }
}
