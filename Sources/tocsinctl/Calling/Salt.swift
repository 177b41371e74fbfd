/// What makes the hash of a request that holds addresses useless to whoever would like to try them out: the notifier keeps that hash
/// with its answer.
enum Salt {
  static func draw() -> [UInt8] {
    var random = SystemRandomNumberGenerator()
    return (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &random) }
  }
}
