import Messages

/// Who gets the turns of one rotation from an instant on, as generated: piece by piece while absences are known, then in
/// a fixed order for ever.
struct Plan: Hashable, Sendable {
  /// A stretch of one holder: a turn, or a part of one where nobody could take all of it.
  struct Piece: Hashable, Sendable {
    /// Empty: nobody can.
    var person: String
    var from: Instant
    var until: Instant
    /// Why it isn't whom the pattern names; empty when it is.
    var remark: String = ""
  }
  let turns: Turns
  let from: Instant
  private(set) var pieces: [Piece] = []
  /// From here on the members of `order` take turns.
  private(set) var orderFrom: Instant
  private(set) var order: [String] = []
  private(set) var firstNumber = 0
  /// Why nobody is left, when `order` is empty.
  private(set) var emptiness = ""
  /// Rules that it can't meet.
  private(set) var notes: [ScheduleNote] = []
  /// More of the same say nothing new.
  private static let notesAtMost = 100

  init(turns: Turns, from: Instant) {
    self.turns = turns
    self.from = from
    orderFrom = from
  }

  /// Who has it at an instant, which must not be before the plan or the first turn.
  func piece(at instant: Instant) -> Piece {
    guard instant >= orderFrom else { return pieces[index(at: instant)] }
    guard let slot = turns.slot(at: instant), !order.isEmpty else {
      return Piece(person: "", from: orderFrom, until: .distantFuture, remark: emptiness)
    }
    return Piece(person: person(ofTurn: slot.number), from: max(slot.from, orderFrom), until: slot.until)
  }

  /// Whose turn it is by order, after the pieces.
  func person(ofTurn number: Int) -> String {
    guard !order.isEmpty else { return "" }
    let index = (number - firstNumber) % order.count
    return order[index < 0 ? index + order.count : index]
  }

  // MARK: Making

  mutating func add(_ piece: Piece) {
    guard piece.from < piece.until else { return }
    pieces.append(piece)
    orderFrom = piece.until
  }

  /// Ends the pieces: from the turn with this number on the order holds.
  mutating func goOn(from number: Int, order: [String], emptiness: String) {
    self.order = order
    self.emptiness = emptiness
    firstNumber = number
  }

  /// A rule that can't be met within a span, and why.
  mutating func note(_ rule: String, _ from: Instant, _ until: Instant, _ text: String) {
    guard notes.count < Self.notesAtMost else { return }
    notes.append(
      ScheduleNote(
        rule: rule, tier: turns.rotation.tier, fromAt: from, untilAt: until, text: "rotation \(turns.id): \(text)"))
  }

  private func index(at instant: Instant) -> Int {
    var low = 1
    var high = pieces.count
    while low < high {
      let middle = (low + high) / 2
      if pieces[middle].from <= instant { low = middle + 1 } else { high = middle }
    }
    return low - 1
  }
}
