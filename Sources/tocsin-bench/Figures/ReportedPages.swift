import Bus
import Foundation
import Machinery
import Messages
import SQLiteJournal
import Synchronization
import Wire

/// What a report over a year does to the pages that flow meanwhile: nothing, as it is read beside the loop (requirement E10).
///
/// The four real executables; the escalator begins with a history of the year. Alerts go in by the clock, without a report (the
/// floor) and while one is asked for after the other, and a page's age counts from when its alert was due: whatever holds up the
/// loop for a while makes each page of that while old.
struct ReportedPages {
  /// Alerts a second.
  static let rate = 100
  /// Of the quiet run's longest page, how many times as long the longest may take. A loop that waited for a report of two
  /// seconds would be far beyond.
  private static let longestAtMost = 4.0
  var year: RecordedYear
  var alerts: Int
  var config: String
  var tiers: TierOptions

  func measure() async throws -> Report {
    let receiver = try PageReceiver(most: 50 + 2 * max(Self.rate, alerts))
    let cluster = try BenchCluster(tiers, config: config, pagesTo: receiver.url) { data in
      // No row of the journal yet: the escalator counts on from its first one.
      try year.fill(try HistoryIndex(directory: data) { _ in nil }) { _ in .empty }
    }
    defer { cluster.end() }
    let source = PageSource(try Connection(on: PollThread(name: "source"), endpoint: cluster.intake), receiver)
    _ = try await source.oneByOne(50)
    let seconds = max(1, alerts / Self.rate)
    let quiet = try Latencies(
      try await source.steadily(Self.rate, seconds: seconds).ages, atLeast: Self.rate * seconds, "pages")
    let isOver = Mutex(false)
    let reader = try Connection(on: PollThread(name: "reports"), endpoint: cluster.escalator)
    async let reports = read(with: reader) { isOver.withLock { $0 } }
    let busy = try Latencies(
      try await source.steadily(Self.rate, seconds: seconds).ages, atLeast: Self.rate * seconds, "pages")
    isOver.withLock { $0 = true }
    let read = try await reports
    var report = Report()
    for (name, share) in [("p50", 0.5), ("p99", 0.99)] {
      report.add(
        Figure(
          name: "a page while reports of a year are read: \(name)", value: busy.microseconds(share) / 1_000, unit: "ms",
          floor: quiet.microseconds(share) / 1_000, target: share == 0.99 ? .atMost(25) : .none))
    }
    report.add(
      Figure(
        name: "a page while reports of a year are read: longest", value: busy.microseconds(1) / 1_000, unit: "ms",
        floor: quiet.microseconds(1) / 1_000, target: .ratioAtMost(Self.longestAtMost)))
    report.add(
      Figure(
        name: "pages out, with and without reports", value: Double(quiet.count + busy.count), unit: "",
        target: .atLeast(Double(2 * Self.rate * seconds))))
    report.add(Figure(name: "reports of a year read meanwhile", value: Double(read), unit: "", target: .atLeast(1)))
    return report
  }

  /// One after the other, until the alerts have gone in; how many.
  private func read(with reader: Connection, until isOver: @Sendable () -> Bool) async throws -> Int {
    var read = 0
    while !isOver() {
      let request = FiguresRequest(fromAt: year.from, untilAt: year.until, byWeek: true)
      let reply = try await reader.call(ReportsMethods.figures, request, timeout: .seconds(60))
      guard reply.incidents.reduce(0, { $0 + $1.incidents }) >= UInt64(year.incidents) else {
        throw BenchFailure("the report misses incidents")
      }
      read += 1
    }
    return read
  }
}
