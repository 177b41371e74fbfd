import Messages

/// The alert that intake sends through the tiers every so often to see that alerts arrive: it has no place among the others.
struct Synthetic: Hashable, Sendable {
  /// Its id among what is owed.
  static let id = "synthetic"

  private(set) var latest = SyntheticSent()
  private var every = Span.zero

  /// When the next is to be sent; nil: never.
  var next: Instant? { every > .zero ? latest.nextAt : nil }

  /// What configuration says now.
  mutating func follow(_ every: Span, at instant: Instant) {
    if self.every != every { latest.nextAt = instant + every }
    self.every = every
    if every == .zero { latest = SyntheticSent() }
  }

  mutating func remember(_ sent: SyntheticSent) { latest = sent }

  mutating func clockStepped(by span: Span) {
    if latest.sentAt.isSet { latest.sentAt = latest.sentAt + span }
    if latest.nextAt.isSet { latest.nextAt = latest.nextAt + span }
  }

  /// The one to send now. Its number is the time, so that it is new to the escalator whatever this journal has lost.
  func following(at now: Instant) -> SyntheticSent {
    let number = max(latest.number + 1, UInt64(max(0, now.milliseconds)))
    return SyntheticSent(number: number, sentAt: now, nextAt: now + every, owed: true)
  }

  /// The escalator has it, or will never take it: the next one comes in any case.
  func settled(_ number: UInt64) -> SyntheticSent? {
    guard latest.owed, latest.number == number else { return nil }
    var sent = latest
    sent.owed = false
    return sent
  }
}
