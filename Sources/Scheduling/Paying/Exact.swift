/// A decimal number with four places, exactly: rates, amounts and hours (requirement C1). Nothing here is floating point.
struct Exact: Hashable, Comparable, Sendable {
  var tenThousandths: Int64

  static let zero = Exact(tenThousandths: 0)

  init(tenThousandths: Int64) {
    self.tenThousandths = tenThousandths
  }

  /// Reads "12", "-12.5", "0.0125": at most twelve digits before the point and four after it, no blanks, no exponent.
  init?(_ text: String) {
    var bytes = Array(text.utf8)
    let isNegative = bytes.first == UInt8(ascii: "-")
    if isNegative { bytes.removeFirst() }
    let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard 1...2 ~= parts.count, 1...12 ~= parts[0].count, parts.count == 1 || 1...4 ~= parts[1].count else {
      return nil
    }
    var value: Int64 = 0
    let places = parts.count == 2 ? Array(parts[1]) : []
    for byte in parts[0] + places + Array(repeating: UInt8(ascii: "0"), count: 4 - places.count) {
      guard UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte else { return nil }
      value = value * 10 + Int64(byte - UInt8(ascii: "0"))
    }
    tenThousandths = isNegative ? -value : value
  }

  /// This much for `part` of `whole`, to so many places; what lies in the middle is rounded up. For numbers from zero on.
  func share(_ part: Int64, of whole: Int64, places: Int) -> Exact {
    precondition(tenThousandths >= 0 && part >= 0 && whole > 0, "a share of \(self) must be \(part) of \(whole)")
    let unit = Int128(Self.unit(places))
    let denominator = Int128(whole) * unit
    let rounded = (2 * Int128(tenThousandths) * Int128(part) + denominator) / (2 * denominator)
    return Exact(tenThousandths: Int64(rounded * unit))
  }

  /// With at least so many places, and no zeros after them.
  func text(places: Int) -> String {
    let magnitude = tenThousandths.magnitude
    var digits = String(magnitude % 10_000)
    digits = String(repeating: "0", count: 4 - digits.utf8.count) + digits
    while digits.utf8.count > places, digits.hasSuffix("0") { digits.removeLast() }
    let sign = tenThousandths < 0 ? "-" : ""
    return "\(sign)\(magnitude / 10_000)\(digits.isEmpty ? "" : ".")\(digits)"
  }

  private static func unit(_ places: Int) -> Int64 {
    precondition(0...4 ~= places, "\(places) places, of which there are four")
    return (0..<(4 - places)).reduce(1) { unit, _ in unit * 10 }
  }

  static func < (left: Exact, right: Exact) -> Bool { left.tenThousandths < right.tenThousandths }
  static func + (left: Exact, right: Exact) -> Exact {
    Exact(tenThousandths: left.tenThousandths + right.tenThousandths)
  }
  static func - (left: Exact, right: Exact) -> Exact {
    Exact(tenThousandths: left.tenThousandths - right.tenThousandths)
  }
  static prefix func - (number: Exact) -> Exact { Exact(tenThousandths: -number.tenThousandths) }
}

/// How many places a currency's amounts have (ISO 4217): cents unless it is one of those that have none, or three.
enum Currency {
  private static let whole: Set<String> = [
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF",
  ]
  private static let thousandths: Set<String> = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"]

  static func places(_ code: String) -> Int { whole.contains(code) ? 0 : thousandths.contains(code) ? 3 : 2 }

  static func isCode(_ text: String) -> Bool {
    text.utf8.count == 3 && text.utf8.allSatisfy { UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0 }
  }
}
