/// How long each of many things took, in nanoseconds, in order.
struct Latencies {
  private let sorted: [UInt64]

  init(_ nanoseconds: [UInt64]) {
    sorted = nanoseconds.sorted()
  }

  /// - Throws: when there are too few to say anything.
  init(_ nanoseconds: [UInt64], atLeast least: Int, _ what: String) throws(BenchFailure) {
    guard nanoseconds.count >= least, least > 0 else {
      throw BenchFailure("only \(nanoseconds.count) of \(least) \(what) were measured")
    }
    self.init(nanoseconds)
  }

  /// The value that a share of all do not exceed, in microseconds.
  func microseconds(_ share: Double) -> Double {
    guard let last = sorted.last else { return 0 }
    let index = Int((Double(sorted.count) * share).rounded(.up)) - 1
    return Double(index < sorted.count - 1 ? sorted[max(0, index)] : last) / 1_000
  }

  var count: Int { sorted.count }
}

extension [Double] {
  var median: Double {
    let sorted = self.sorted()
    guard !sorted.isEmpty else { return 0 }
    return sorted.count % 2 == 1
      ? sorted[sorted.count / 2] : (sorted[sorted.count / 2 - 1] + sorted[sorted.count / 2]) / 2
  }
}
