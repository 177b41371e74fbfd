/// One measured number: what, how much, what the floor does in the same run, and what is wanted.
struct Figure: Encodable {
  /// What must hold for the figure to be good.
  enum Target {
    case none
    case atMost(Double)
    case atLeast(Double)
    /// Of the floor.
    case ratioAtLeast(Double)
    case ratioAtMost(Double)
  }
  var name: String
  var value: Double
  var unit: String
  var floor: Double?
  var target = Target.none

  var ratio: Double? { floor.map { $0 == 0 ? 0 : value / $0 } }

  var isMet: Bool? {
    switch target {
    case .none: nil
    case .atMost(let limit): value <= limit
    case .atLeast(let limit): value >= limit
    case .ratioAtLeast(let limit): ratio.map { $0 >= limit }
    case .ratioAtMost(let limit): ratio.map { $0 <= limit }
    }
  }

  var targetWords: String {
    switch target {
    case .none: ""
    case .atMost(let limit): "<= \(Self.words(limit)) \(unit)"
    case .atLeast(let limit): ">= \(Self.words(limit)) \(unit)"
    case .ratioAtLeast(let limit): ">= \(Self.words(limit)) x floor"
    case .ratioAtMost(let limit): "<= \(Self.words(limit)) x floor"
    }
  }

  /// Three digits that count, no exponent.
  static func words(_ value: Double) -> String {
    if value >= 100 || value == value.rounded() { return String(Int(value.rounded())) }
    let digits = value >= 10 ? 10.0 : 100.0
    return String((value * digits).rounded() / digits)
  }

  private enum Key: String, CodingKey { case name, value, unit, floor, ratio, target, met }

  func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: Key.self)
    try fields.encode(name, forKey: .name)
    try fields.encode(value, forKey: .value)
    try fields.encode(unit, forKey: .unit)
    try fields.encodeIfPresent(floor, forKey: .floor)
    try fields.encodeIfPresent(ratio, forKey: .ratio)
    if !targetWords.isEmpty { try fields.encode(targetWords, forKey: .target) }
    try fields.encodeIfPresent(isMet, forKey: .met)
  }
}
