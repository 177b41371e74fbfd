/// What goes on with one host: as many conversations as it may have, and who waits for one of them to end.
///
/// Hardly anybody waits here, because what a notifier owes a host waits on its ledger (`Notifying/Pacing/UnderWay.swift`). A host that has only much to do is worth waiting for. One that has
/// answered nothing for a while, or lets people wait for too long, keeps nobody: what is more than it may have is turned away at
/// once, until it answers and half of its conversations are free.
struct HostLine<Talk> {
  private static var longestSilence: Duration { .seconds(2) }
  private static var longestWait: Duration { .seconds(5) }

  enum Turn { case now, later, never }

  private let places: Int
  private var busy = 0
  private var waiting: [(talk: Talk, since: ContinuousClock.Instant)] = []
  /// The last answer; when all places were taken, if that was later.
  private var quietSince = ContinuousClock.now
  private var isStuck = false

  /// Whether it can be forgotten.
  var isIdle: Bool { busy == 0 && !isStuck }

  init(places: Int) {
    self.places = places
  }

  mutating func arrive(_ talk: Talk, at now: ContinuousClock.Instant) -> Turn {
    guard busy == places else {
      busy += 1
      if busy == places { quietSince = now }
      return .now
    }
    guard !isStuck else { return .never }
    waiting.append((talk, now))
    return .later
  }

  /// A conversation has ended: who comes next.
  mutating func end(isAnswered: Bool, at now: ContinuousClock.Instant) -> Talk? {
    if isAnswered { quietSince = now }
    guard waiting.isEmpty else { return waiting.removeFirst().talk }
    busy -= 1
    if isAnswered, busy <= places / 2 { isStuck = false }
    return nil
  }

  /// Those who need not wait any longer.
  mutating func turnedAway(at now: ContinuousClock.Instant) -> [Talk] {
    guard busy == places, let first = waiting.first,
      quietSince.duration(to: now) >= Self.longestSilence || first.since.duration(to: now) >= Self.longestWait
    else { return [] }
    isStuck = true
    defer { waiting = [] }
    return waiting.map(\.talk)
  }
}
