import CZeroMQ
import Glibc
import Messages
import Synchronization

/// A tier knocks at its own doors, at its start and every few seconds: a key that nobody knows must be turned away, and one that
/// it knows of must be let in. The first proves that the doors are locked, the second that somebody answers the knocking.
public final class SelfTest: Sendable {
  package struct Door: Sendable {
    var name: String
    var endpoint: String
    var admission: Admission
    var server: PublicKey

    package init(name: String, endpoint: String, admission: Admission, server: PublicKey) {
      self.name = name
      self.endpoint = endpoint
      self.admission = admission
      self.server = server
    }
  }
  private enum Outcome { case letIn, turnedAway, silence }
  private struct Finding {
    var trouble: String?
    var at: UInt64
  }
  /// How long a knock waits.
  private static let patience = 1_000
  /// What was not tested for longer than this is as good as failed.
  private static let freshFor: UInt64 = 30_000_000_000
  private let doors: [Door]
  private let finding = Mutex(Finding(trouble: "its doors were not tested yet", at: 0))

  package init(_ doors: [Door]) {
    self.doors = doors
  }

  /// What is wrong, from the last test; nil: nothing.
  public var trouble: String? {
    guard !doors.isEmpty else { return nil }
    let last = finding.withLock { $0 }
    guard last.trouble == nil, last.at + Self.freshFor < PollThread.now() else { return last.trouble }
    return "its doors were not tested for \((PollThread.now() - last.at) / 1_000_000_000) s"
  }

  /// Tests all doors now; takes milliseconds when all is well.
  @discardableResult
  public func run() -> String? {
    var trouble: String?
    for door in doors where trouble == nil {
      do throws(ZeroMQError) {
        trouble = try test(door)
      } catch {
        trouble = "its doors can't be tested: \(error)"
      }
    }
    finding.withLock { $0 = Finding(trouble: trouble, at: PollThread.now()) }
    return trouble
  }

  /// Again and again, on a thread of its own.
  public func goOn(everySeconds seconds: UInt32) {
    guard !doors.isEmpty else { return }
    detachThread(named: "knocking") { [self] in
      while true {
        sleep(seconds)
        run()
      }
    }
  }

  private func test(_ door: Door) throws(ZeroMQError) -> String? {
    let (stranger, welcome) = (try KeyPair.make(), try KeyPair.make())
    door.admission.expect(Admission.Knock(welcome: welcome.publicKey, stranger: stranger.publicKey))
    switch try knock(at: door, as: stranger) {
    case .letIn: return "a key that nobody knows was let in at the door for \(door.name)"
    case .silence: return "nobody answers at the door for \(door.name): no key is let in"
    case .turnedAway: break
    }
    switch try knock(at: door, as: welcome) {
    case .letIn: return nil
    case .turnedAway, .silence: return "no key is let in at the door for \(door.name)"
    }
  }

  private func knock(at door: Door, as own: KeyPair) throws(ZeroMQError) -> Outcome {
    // The handshake's own messages count too.
    let socket = try Socket(.dealer, maximumMessage: 4_096)
    let monitor = try ConnectionMonitor(of: socket)
    try socket.showKeys(ClientKeys(own: own, server: door.server))
    var outcome: Outcome?
    monitor.onConnection = { if $0 { outcome = .letIn } }
    monitor.onRefusal = { _ in outcome = .turnedAway }
    try socket.connect(Endpoint.toKnockAt(door.endpoint))
    let end = PollThread.now() + UInt64(Self.patience) * 1_000_000
    while outcome == nil, PollThread.now() < end {
      var item = zmq_pollitem_t(socket: monitor.events.handle, fd: 0, events: Int16(ZMQ_POLLIN), revents: 0)
      zmq_poll(&item, 1, 50)
      monitor.drain()
    }
    return outcome ?? .silence
  }
}
