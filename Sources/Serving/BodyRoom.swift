import Synchronization

/// What all bodies that have arrived and aren't answered may hold together: a flood is turned away here, before memory ends.
///
/// Small bodies have a part for themselves, so that whoever dawdles with large ones keeps out only others like them; and strangers have
/// a quarter of it all together, so that whoever has no key keeps out nobody who has one.
final class BodyRoom: Sendable {
  static let smallBytes = 64 * 1_024

  private let bytesAtMost: Int
  private let taken = Atomic<Int>(0)
  private let takenByStrangers = Atomic<Int>(0)

  /// - Parameter bytesAtMost: a fifth of it is for small bodies.
  init(bytesAtMost: Int) {
    self.bytesAtMost = bytesAtMost
  }

  /// False when there isn't so much left for one that has come to so many bytes.
  func take(_ bytes: Int, whole: Int, isKnown: Bool = true) -> Bool {
    let limit = whole <= Self.smallBytes ? bytesAtMost : bytesAtMost / 5 * 4
    let now = taken.add(bytes, ordering: .relaxed).newValue
    let strangers = isKnown ? 0 : takenByStrangers.add(bytes, ordering: .relaxed).newValue
    guard now > limit || strangers > limit / 4 else { return true }
    giveBack(bytes, isKnown: isKnown)
    return false
  }

  func giveBack(_ bytes: Int, isKnown: Bool = true) {
    taken.subtract(bytes, ordering: .relaxed)
    if !isKnown { takenByStrangers.subtract(bytes, ordering: .relaxed) }
  }

  var bytesTaken: Int { taken.load(ordering: .relaxed) }
}
