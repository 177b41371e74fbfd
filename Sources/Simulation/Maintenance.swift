import Messages
import Wire

/// In some runs there is a maintenance window (requirement I7): what opens meanwhile is held back, and what is still open when
/// it ends pages. It draws for itself, so that the rest of a seed stays what it was.
final class Maintenance {
  private let world: World
  private let crowd: Crowd
  private var random: SeededRandom

  init(_ world: World, crowd: Crowd) {
    self.world = world
    self.crowd = crowd
    random = SeededRandom(seed: ~world.seed &+ 4)
  }

  /// One in one run of three. Not where clocks jump: until when it lasts is a time on intake's wall.
  func plan(over span: Span) {
    guard random.oneIn(3), !world.report.troubles.contains(.clocks) else { return }
    world.agenda.plan(after: Span(milliseconds: random.number(0...span.milliseconds - 1))) { [self] in begin() }
  }

  private func begin() {
    let until = world.agenda.now + .minutes(random.number(5...90))
    let severities: [Severity] = [[], [.sev1, .sev2], [.sev1, .sev2, .sev3, .sev4]][Int(random.number(0...2))]
    let request = SilenceRequest(
      matchers: [Matcher(name: "service", value: "aion-*"), Matcher(name: "source", value: "simulation")],
      severities: severities, by: "ana", reason: "an upgrade", untilAt: until)
    world.promises.windowBegan(until: until)
    world.call(.intake, SilencesMethods.add.path, request.encoded()) { [self] result in
      // Refused: its end had passed before intake was reached.
      guard case .success(let bytes) = result, let silence = (try? SilenceReply(decoding: bytes))?.silence else {
        return
      }
      let left = max(.zero, until - world.agenda.now)
      world.agenda.plan(after: left) { [self] in over(since: until) }
      guard random.oneIn(3), left > .seconds(1) else { return }
      world.agenda.plan(after: .milliseconds(random.number(0...left.milliseconds - 1))) { [self] in end(silence.id) }
    }
  }

  private func end(_ id: String) {
    let begun = world.agenda.now
    world.promises.windowMayEnd(at: begun)
    let ending = SilenceEnding(id: id, by: "ana", reason: "done early")
    world.call(.intake, SilencesMethods.end.path, ending.encoded()) { [self] result in
      if case .success = result { over(since: begun) }
    }
  }

  /// From now on what was held back is as if it had been accepted when the window ended.
  private func over(since end: Instant) {
    for (id, alert) in world.promises.windowEnded() {
      crowd.accepted(id, of: alert.number, alert.severity, toldAt: min(end, world.promises.window.end))
    }
  }
}
