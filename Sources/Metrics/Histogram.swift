/// How often something took how long: a count for each of a few bounds, so that adding one costs nearly nothing and a quantile
/// can be told of any stretch of time.
public struct Histogram: Hashable, Sendable {
  /// In seconds, upwards; what is longer than the last has a place of its own.
  public let bounds: [Double]
  public private(set) var counts: [UInt64]
  public private(set) var sum = 0.0

  public init(_ bounds: [Double]) {
    precondition(zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 }, "bounds go upwards: \(bounds)")
    self.bounds = bounds
    counts = Array(repeating: 0, count: bounds.count + 1)
  }

  /// What is less than nothing (clocks differ) counts as nothing.
  public mutating func add(_ seconds: Double) {
    let seconds = max(0, seconds)
    sum += seconds
    counts[bounds.firstIndex { seconds <= $0 } ?? bounds.count] += 1
  }

  func samples(_ labels: [Figure.Label]) -> [Figure.Sample] {
    var total: UInt64 = 0
    var samples: [Figure.Sample] = []
    for (index, count) in counts.enumerated() {
      total += count
      let bound = index < bounds.count ? Exposition.number(bounds[index]) : "+Inf"
      samples.append(.init(Double(total), suffix: "_bucket", labels + [.init("le", bound)]))
    }
    return samples + [.init(sum, suffix: "_sum", labels), .init(Double(total), suffix: "_count", labels)]
  }
}
