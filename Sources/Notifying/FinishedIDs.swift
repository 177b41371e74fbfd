import DequeModule
import Messages

/// The ids of pages and posts that have left the ledger, so that one that is sent again is not taken for new.
///
/// A sender repeats what it owes until it has our OK on its own disk: an escalator that went down before it had it may
/// send the page again days later. Its words are not needed for that, its id is: it is kept for eight days after the
/// entry has left the ledger (which is a day after the page was finished). Nobody can say of a page that is older than
/// that whether it went out already; it is taken, because losing it would be worse, and marked as a possible repeat.
struct FinishedIDs: Sendable {
  static let remembers = Span.days(8)

  private struct Place: Sendable {
    var id: String
    var forgottenAt: Instant
  }
  private var places: Deque<Place> = []
  private var byID: [String: (generation: UInt64, forgottenAt: Instant)] = [:]

  var count: Int { byID.count }

  /// The generation in which it was finished.
  func generation(of id: String) -> UInt64? { byID[id]?.generation }

  mutating func add(_ id: String, generation: UInt64, at instant: Instant) {
    byID[id] = (generation, instant)
    places.append(Place(id: id, forgottenAt: instant))
    dropTheOld(at: instant)
  }

  /// It is on the ledger again.
  mutating func remove(_ id: String) { byID[id] = nil }

  mutating func shift(by span: Span) {
    for index in places.indices { places[index].forgottenAt = places[index].forgottenAt + span }
    for index in byID.values.indices { byID.values[index].forgottenAt = byID.values[index].forgottenAt + span }
  }

  /// Everything that is remembered, oldest first.
  var all: [FinishedId] {
    places.compactMap { place in
      guard let kept = byID[place.id], kept.forgottenAt == place.forgottenAt else { return nil }
      return FinishedId(id: place.id, generation: kept.generation, forgottenAt: kept.forgottenAt)
    }
  }

  private mutating func dropTheOld(at now: Instant) {
    while let first = places.first, first.forgottenAt + Self.remembers < now {
      places.removeFirst()
      if byID[first.id]?.forgottenAt == first.forgottenAt { byID[first.id] = nil }
    }
  }
}
