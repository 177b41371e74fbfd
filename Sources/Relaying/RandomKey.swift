/// A key that nobody else has: 32 hexadecimal digits.
enum RandomKey {
  static func make() -> String {
    let digits = Array("0123456789abcdef")
    var random = SystemRandomNumberGenerator()
    return String((0..<32).map { _ in digits[Int.random(in: 0..<16, using: &random)] })
  }
}
