import Providers

extension Reach {
  /// This machine alone, where the tests' receivers are.
  static let here: Reach = {
    guard let here = try? Reach(allowing: "127.0.0.0/8,::1") else { preconditionFailure("these are networks") }
    return here
  }()
}
