import Messages

/// The escalator's timers stand still while its process lives and answers: nobody is paged by time then, and only the watch can
/// notice (requirement I6). It draws for itself, so that the rest of a seed stays what it was.
extension Trouble {
  /// In one of three runs that are watched.
  func troubleTimers() {
    var random = SeededRandom(seed: ~world.seed &+ 11)
    guard world.isWatched, random.oneIn(3) else { return }
    world.report.troubles.insert(.timers)
    for _ in 0..<random.number(1...3) {
      let span = Span.minutes(random.number(2...40))
      world.agenda.plan(after: .minutes(random.number(5...170))) { [self] in
        guard !isOver else { return }
        world.standStill(world.escalator, for: span)
      }
    }
  }
}
