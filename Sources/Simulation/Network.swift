import Machinery
import Messages

/// The simulated network: messages take time, get lost, come twice and overtake each other.
final class Network {
  /// How badly it behaves; all zero is a perfect network.
  struct Temper {
    var delay: ClosedRange<Int64> = 1...2
    var losesOneIn = 0
    var doublesOneIn = 0
    var dawdlesOneIn = 0
    var dawdle: ClosedRange<Int64> = 100...20_000
  }

  private let world: World
  private var nodes: [Peer: any Node] = [:]
  var temper = Temper()
  /// How long a tier waits for an answer.
  let timeout = Span.seconds(5)

  init(_ world: World) {
    self.world = world
  }

  func connect(_ node: any Node) {
    nodes[node.peer] = node
  }

  /// One attempt of a call. The answer, or after the timeout that there was none, comes exactly once.
  func call(
    _ peer: Peer, from: Peer?, _ request: SimulatedRequest, then: @escaping (Result<[UInt8], Refusal>) -> Void
  ) {
    var isAnswered = false
    let once: (Result<[UInt8], Refusal>) -> Void = { result in
      guard !isAnswered else { return }
      isAnswered = true
      then(result)
    }
    world.agenda.plan(after: timeout) { once(.failure(Refusal(.deadlineExceeded, "no answer within 5 s"))) }
    carry { [weak self] in
      guard let self, let node = self.nodes[peer], node.isUp else { return }
      node.receive(request) { result in
        self.carry { once(result) }
      }
    }
  }

  private func carry(_ arrive: @escaping () -> Void) {
    if world.random.oneIn(temper.losesOneIn) {
      world.report.lost += 1
      return
    }
    let copies = world.random.oneIn(temper.doublesOneIn) ? 2 : 1
    if copies == 2 { world.report.doubled += 1 }
    for _ in 0..<copies {
      let slow = world.random.oneIn(temper.dawdlesOneIn)
      if slow { world.report.delayed += 1 }
      let delay = world.random.number(slow ? temper.dawdle : temper.delay)
      world.agenda.plan(after: .milliseconds(delay), arrive)
    }
  }
}
