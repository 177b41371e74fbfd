import Machinery
import Messages

/// The simulated network: messages take time, get lost, come twice, come again much later, and overtake each other.
final class Network {
  /// How badly it behaves; all zero is a perfect network.
  struct Temper {
    var delay: ClosedRange<Int64> = 1...2
    var losesOneIn = 0
    var doublesOneIn = 0
    var dawdlesOneIn = 0
    var dawdle: ClosedRange<Int64> = 100...20_000
    /// One message in so many comes once more, up to half an hour later.
    var echoesOneIn = 0
  }
  /// One direction between two ends; nil is the world outside.
  private struct Link: Hashable {
    var from: Peer?
    var to: Peer?
  }

  private let world: World
  private var nodes: [Peer: any Node] = [:]
  private var sent: [Link: Int] = [:]
  private var lastArrived: [Link: Int] = [:]
  var temper = Temper()
  /// Who is cut off from everybody.
  var isolated: Set<Peer> = []
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
    carry(Link(from: from, to: peer)) { [weak self] in
      guard let self, let node = self.nodes[peer], node.isUp else { return }
      node.receive(request) { result in
        self.carry(Link(from: peer, to: from)) { once(result) }
      }
    }
  }

  private func carry(_ link: Link, _ arrive: @escaping () -> Void) {
    sent[link, default: 0] += 1
    let number = sent[link] ?? 0
    if world.random.oneIn(temper.losesOneIn) { return world.report.count(.lost) }
    var copies = [temper.delay]
    if world.random.oneIn(temper.doublesOneIn) {
      world.report.count(.doubled)
      copies.append(temper.delay)
    }
    if world.random.oneIn(temper.echoesOneIn) {
      world.report.count(.echoed)
      copies.append(10_000...1_800_000)
    }
    if world.random.oneIn(temper.dawdlesOneIn) {
      world.report.count(.delayed)
      copies[0] = temper.dawdle
    }
    for delay in copies {
      world.agenda.plan(after: .milliseconds(world.random.number(delay))) { [weak self] in
        self?.deliver(link, number, arrive)
      }
    }
  }

  private func deliver(_ link: Link, _ number: Int, _ arrive: () -> Void) {
    guard [link.from, link.to].allSatisfy({ $0.map { !isolated.contains($0) } ?? true }) else { return }
    if number < lastArrived[link] ?? 0 { world.report.count(.reordered) }
    lastArrived[link] = max(lastArrived[link] ?? 0, number)
    arrive()
  }
}
