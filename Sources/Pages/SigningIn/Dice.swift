import Messages

/// What nobody can guess, from the system's generator.
enum Dice {
  static func hex(bytes count: Int) -> String {
    var random = SystemRandomNumberGenerator()
    return HexText.of((0..<count).map { _ in UInt8.random(in: 0...255, using: &random) })
  }

  static func digits(_ count: Int) -> String {
    var random = SystemRandomNumberGenerator()
    return String((0..<count).map { _ in Character("\(Int.random(in: 0...9, using: &random))") })
  }
}
