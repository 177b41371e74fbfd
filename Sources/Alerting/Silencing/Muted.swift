import Machinery

/// The open alerts that silences keep quiet, by number; and those of them that must be looked at again, because theirs is over.
struct Muted: Equatable, Sendable {
  private var bySilence: [String: NumberedPages<Bool>] = [:]
  private(set) var due = NumberedPages<Bool>()

  func count(_ silence: String) -> Int { bySilence[silence]?.count ?? 0 }

  mutating func insert(_ number: UInt64, under silence: String, isOver: Bool) {
    if isOver {
      due[number] = true
    } else {
      bySilence[silence, default: NumberedPages()][number] = true
    }
  }

  mutating func remove(_ number: UInt64, under silence: String) {
    due[number] = nil
    guard bySilence[silence] != nil else { return }
    bySilence[silence]![number] = nil
    if bySilence[silence]!.count == 0 { bySilence[silence] = nil }
  }

  /// A silence is over. Costs as much as it kept quiet.
  mutating func release(_ silence: String) {
    guard let all = bySilence.removeValue(forKey: silence) else { return }
    all.forEach { number, _ in
      due[number] = true
      return true
    }
  }

  /// The first of those to look at, oldest first.
  func firstDue(_ count: Int) -> [UInt64] {
    var first: [UInt64] = []
    due.forEach { number, _ in
      first.append(number)
      return first.count < count
    }
    return first
  }
}
