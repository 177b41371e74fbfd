/// What one measurement of durable publishes gave.
struct PublishRun {
  /// Events a second.
  var rate: Double
  /// Milliseconds.
  var p50: Double
  var p99: Double
  var p999: Double

  init(_ latencies: [UInt64], took nanoseconds: UInt64) {
    let sorted = Latencies(latencies)
    rate = Double(latencies.count) * 1e9 / Double(nanoseconds)
    p50 = sorted.microseconds(0.5) / 1_000
    p99 = sorted.microseconds(0.99) / 1_000
    p999 = sorted.microseconds(0.999) / 1_000
  }

  static func medians(_ runs: [PublishRun]) -> PublishRun {
    var medians = runs[0]
    medians.rate = runs.map(\.rate).median
    medians.p50 = runs.map(\.p50).median
    medians.p99 = runs.map(\.p99).median
    medians.p999 = runs.map(\.p999).median
    return medians
  }
}
