import Messages

/// What became of a request's events together, as far as the answer to its sender depends on it.
enum Outcome: Sendable {
  /// On disk, all of them.
  case taken([PublishReply])
  /// Not all of them; the same request may go well later. What was taken is counted again then, and is no second alert.
  case later(Refusal)
  /// Intake will never take one as it is; the others are on disk.
  case never(Refusal)

  init(_ published: [Published]) {
    let refusals = published.compactMap(\.refusal)
    if let passing = refusals.first(where: { !Self.isFinal($0) }) {
      self = .later(passing)
    } else if let final = refusals.first {
      self = .never(final)
    } else {
      self = .taken(published.compactMap(\.reply))
    }
  }

  /// Only what is wrong with the event itself: a key that intake doesn't let in, or a version that doesn't know a method, is somebody's to
  /// mend here, and what is sent meanwhile must come again.
  static func isFinal(_ refusal: Refusal) -> Bool {
    refusal.status == .invalidArgument || refusal.status == .outOfRange
  }
}

extension Refusal {
  /// In whole seconds, at least one.
  var secondsToWait: Int64 { max(1, ((retryAfter?.milliseconds ?? 2_000) + 999) / 1_000) }
  /// The source itself sends too much, or intake has no room.
  var isThrottle: Bool { status == .resourceExhausted }
}
