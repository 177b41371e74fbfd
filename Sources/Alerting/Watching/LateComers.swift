import DequeModule
import Messages

/// Alerts that must page later than their number says: a silence has let them go, or they have become worse. The watch asks
/// for them besides those that are new.
struct LateComers: Sendable {
  struct Comer: Hashable, Sendable {
    var at: Instant
    var number: UInt64
  }
  /// The watch asks every few seconds; when it can't for longer than this, the loss of a tier is told of in any case.
  static let remembers = Span.hours(1)
  static let atMost = 100_000

  private(set) var all: Deque<Comer> = []

  mutating func note(_ number: UInt64, at instant: Instant) {
    while let first = all.first, first.at + Self.remembers < instant || all.count >= Self.atMost { all.removeFirst() }
    if let last = all.last, last.at + Self.remembers < instant { all = [] }
    // From a checkpoint they come in another order.
    let place = all.lastIndex { $0.at <= instant }.map { $0 + 1 } ?? 0
    all.insert(Comer(at: instant, number: number), at: place)
  }

  mutating func clockStepped(by span: Span) {
    for index in all.indices { all[index].at = all[index].at + span }
  }
}
