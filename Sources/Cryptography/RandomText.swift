/// Text that nobody can guess, from the system's generator.
public enum RandomText {
  public static func hex(_ digits: Int) -> String { make(digits, of: "0123456789abcdef") }

  /// - Parameter letters: each as likely as any other.
  public static func make(_ count: Int, of letters: String) -> String {
    let letters = Array(letters)
    var random = SystemRandomNumberGenerator()
    return String((0..<count).map { _ in letters[Int.random(in: letters.indices, using: &random)] })
  }
}
