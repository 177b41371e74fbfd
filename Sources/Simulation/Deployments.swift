import Messages
import Scheduling
import Wire

/// In some runs there are deployments: each that intake took must reach the scheduler (requirement I8), and the
/// escalator for reviews (E11). It draws for itself, so
/// that the rest of a seed stays what it was.
final class Deployments {
  private let world: World
  private var random: SeededRandom
  private var noted: Set<String> = []

  init(_ world: World) {
    self.world = world
    random = SeededRandom(seed: ~world.seed &+ 6)
  }

  func plan(over span: Span) {
    guard random.oneIn(3) else { return }
    for number in 1...random.number(1...8) {
      world.agenda.plan(after: Span(milliseconds: random.number(0...span.milliseconds - 1))) { [self] in
        let event = Event(
          action: .change, source: "ci", summary: "release \(number)", service: "aion-web-api",
          occurredAt: world.agenda.now)
        world.call(.intake, IntakeMethods.publish.path, event.encoded()) { [self] result in
          guard case .success(let bytes) = result, let reply = try? PublishReply(decoding: bytes) else { return }
          noted.insert(reply.alertId)
        }
      }
    }
  }

  func judge() {
    var known: Set<String> = []
    world.scheduler.forEachFact { _, fact in
      if case .changeRecorded(let recorded) = fact.kind, let change = recorded.change { known.insert(change.id) }
    }
    var reviewed: Set<String> = []
    world.escalator.forEachFact { _, fact in
      if case .changeSeen(let seen) = fact.kind, let change = seen.change { reviewed.insert(change.id) }
    }
    // By a clock that has jumped far ahead they happened long ago, and nobody need know.
    world.intake.forEachFact { at, fact in
      guard case .changeNoted(let change) = fact.kind, let event = change.event else { return }
      if at - event.occurredAt > .days(1) { noted.remove(change.id) }
    }
    for id in noted.sorted() {
      world.report.judgements += 1
      if !reviewed.contains(id) { world.promises.violate(id, "was noted, and the escalator never heard of it") }
      if !known.contains(id) { world.promises.violate(id, "was noted, and the scheduler never heard of it") }
    }
  }
}
