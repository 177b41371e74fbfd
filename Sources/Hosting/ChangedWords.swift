import Synchronization

/// What is wrong with each of a few things, told once: again only when it is something else, or was well in between. Whoever asks
/// hundreds of times a second, as a flood of forged callbacks does, fills no log with it.
final class ChangedWords: Sendable {
  private let told = Mutex<[String: String]>([:])
  private let tell: @Sendable (String) -> Void

  init(_ tell: @escaping @Sendable (String) -> Void) {
    self.tell = tell
  }

  /// - Parameter words: what is wrong with it; empty: nothing.
  func note(_ words: String, of thing: String) {
    let before = told.withLock { $0.updateValue(words, forKey: thing) ?? "" }
    if words != before, !words.isEmpty { tell(words) }
  }
}
