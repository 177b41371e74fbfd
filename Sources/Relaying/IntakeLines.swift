import Bus
import Logging
import Messages
import Synchronization

/// The connections to alert-intake, one for each source and each of several intakes, and how they fare.
final class IntakeLines: Sendable {
  struct Name: Hashable, Sendable {
    var source: String
    /// From 1 on.
    var intake: Int
  }
  /// In the order of the intakes' numbers.
  private let endpoints: [String]
  /// By which all of them are known; nil where the cluster runs without keys.
  private let intakeKey: Mutex<PublicKey?>
  private let log: Logger
  private struct State {
    var isUp = false
    /// Which connection's word counts: one that is replaced, because its source has a new key, goes on for what it has under way.
    var number = 0
    var refusedWith = ""
    var connection: Connection?
  }
  private let lines = Mutex<(made: Int, all: [Name: State])>((0, [:]))

  init(endpoints: [String], intakeKey: PublicKey?, log: Logger) {
    // The first is the tiers'.
    Context.ioThreads = 1 + endpoints.count
    self.endpoints = endpoints
    self.intakeKey = Mutex(intakeKey)
    self.log = log
  }

  /// By which key intakes are known now: each is tried with it from when it can't be reached.
  func expect(_ key: PublicKey) {
    intakeKey.withLock { $0 = key }
    for connection in lines.withLock({ $0.all.values.compactMap(\.connection) }) { connection.expect(key) }
  }

  /// A source's connections, on one thread.
  func open(for integration: Integration) throws(RelayFailure) -> Publisher {
    let thread = PollThread(name: "to-intake")
    var all: [AnyIntake.Line] = []
    for number in endpoints.indices { all.append(try open(number + 1, for: integration, on: thread)) }
    let intakes = AnyIntake(all)
    return Publisher { intakes.call($0, $1, $2, $3) }
  }

  private func open(
    _ intake: Int, for integration: Integration, on thread: PollThread
  ) throws(RelayFailure) -> AnyIntake.Line {
    let (name, endpoint, log) = (Name(source: integration.source, intake: intake), endpoints[intake - 1], log)
    let words = "\(name.source): alert-intake\(intake == 1 ? "" : "-\(intake)")"
    var keys: ClientKeys?
    if let pair = integration.pair, let intakeKey = intakeKey.withLock({ $0 }) {
      keys = ClientKeys(own: pair, server: intakeKey)
    }
    let line = lines.withLock { lines in
      lines.made += 1
      lines.all[name] = State(number: lines.made)
      return lines.made
    }
    var limits = CallClient.Limits()
    limits.waiting = 200_000
    // What the door for sources takes: a larger frame would cost this source its connection.
    limits.payloadBytes = 64 * 1_024
    limits.endsWhenRefused = true
    limits.ioThread = intake
    do throws(ZeroMQError) {
      let connection = try Connection(
        on: thread, endpoint: endpoint, limits: limits, keys: keys,
        onConnection: { [self] isUp in
          let isNews = change(name, line) {
            $0.isUp = isUp
            if isUp { $0.refusedWith = "" }
            return true
          }
          if isNews { log.notice("\(words) \(isUp ? "is there" : "can't be reached")") }
        },
        onRefusal: { [self] why in
          // It knocks again each second.
          let isNews = change(name, line) { line in
            defer { line.refusedWith = why }
            return line.refusedWith != why
          }
          if isNews { log.error("\(words) refuses: \(why)") }
        })
      _ = change(name, line) {
        $0.connection = connection
        return true
      }
      return AnyIntake.Line(
        call: { connection.callAll($0, $1, timeout: $2, then: $3) }, isUp: { [self] in isUp(name) })
    } catch {
      throw RelayFailure("\(endpoint): \(error)")
    }
  }

  /// False where a newer connection of the source is there.
  private func change(_ name: Name, _ number: Int, _ change: (inout State) -> Bool) -> Bool {
    lines.withLock { lines in
      guard var state = lines.all[name], state.number == number else { return false }
      defer { lines.all[name] = state }
      return change(&state)
    }
  }

  private func isUp(_ name: Name) -> Bool { lines.withLock { $0.all[name]?.isUp ?? false } }

  /// Whether anything could be published now; also when there is no source yet.
  var isAnyUp: Bool { lines.withLock { $0.all.isEmpty || $0.all.values.contains { $0.isUp } } }
  var states: [Name: Bool] { lines.withLock { $0.all.mapValues(\.isUp) } }
}
