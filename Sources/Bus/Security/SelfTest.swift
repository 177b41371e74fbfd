import CZeroMQ
import Glibc
import Messages
import Synchronization

/// A tier knocks at its own doors, at its start and every few seconds: a key that nobody knows must be turned away, and one that
/// it knows of must be let in. The first proves that the doors are locked, the second that somebody answers the knocking.
///
/// A door that lets a stranger in must not be served. One that doesn't answer in time lets nobody in: where tiers and operators
/// knock, nothing gets through then; where strangers do, whoever floods it with handshakes causes just that, and must not be able
/// to keep a tier from starting, or from being counted on by those inside.
public final class SelfTest: Sendable {
  package struct Door: Sendable {
    var name: String
    var endpoint: String
    var admission: Admission
    var server: PublicKey
    var isForStrangers: Bool

    package init(
      name: String, endpoint: String, admission: Admission, server: PublicKey, isForStrangers: Bool = false
    ) {
      self.name = name
      self.endpoint = endpoint
      self.admission = admission
      self.server = server
      self.isForStrangers = isForStrangers
    }
  }
  private enum Outcome { case letIn, turnedAway, silence }
  /// What a test of all doors has found, in words.
  public struct Finding: Hashable, Sendable {
    /// A door that isn't locked, or whose lock can't be tested: it must not be served.
    public var breach: String?
    /// Nobody comes in where tiers and operators do.
    public var silence: String?
    /// Nobody comes in where strangers knock.
    public var remark: String?

    package init(breach: String? = nil, silence: String? = nil, remark: String? = nil) {
      self.breach = breach
      self.silence = silence
      self.remark = remark
    }

    /// Why the tier must not be counted on.
    public var trouble: String? { breach ?? silence }
  }
  private struct Tested {
    var finding: Finding
    var at: UInt64
  }
  /// How long a knock waits.
  private static let patience = 1_000
  /// What was not tested for longer than this is as good as failed.
  private static let freshFor: UInt64 = 30_000_000_000
  private let doors: [Door]
  private let last = Mutex(Tested(finding: Finding(silence: "its doors were not tested yet"), at: 0))

  package init(_ doors: [Door]) {
    self.doors = doors
  }

  /// What is wrong, from the last test; nil: nothing.
  public var trouble: String? {
    guard !doors.isEmpty else { return nil }
    let last = self.last.withLock { $0 }
    guard last.finding.trouble == nil, last.at + Self.freshFor < PollThread.now() else { return last.finding.trouble }
    return "its doors were not tested for \((PollThread.now() - last.at) / 1_000_000_000) s"
  }

  /// What people should look at although the tier serves, from the last test.
  public var remark: String? { last.withLock { $0.finding.remark } }

  /// Tests all doors now; takes milliseconds when all is well.
  @discardableResult
  public func run() -> Finding {
    var finding = Finding()
    for door in doors where finding.breach == nil {
      do throws(ZeroMQError) {
        try test(door, &finding)
      } catch {
        finding.breach = "its doors can't be tested: \(error)"
      }
    }
    last.withLock { $0 = Tested(finding: finding, at: PollThread.now()) }
    return finding
  }

  /// Again and again, on a thread of its own.
  public func goOn(everySeconds seconds: UInt32) {
    guard !doors.isEmpty else { return }
    beginThread(named: "knocking") { [self] in
      while true {
        sleep(seconds)
        run()
      }
    }
  }

  private func test(_ door: Door, _ finding: inout Finding) throws(ZeroMQError) {
    let (stranger, welcome) = (try KeyPair.make(), try KeyPair.make())
    door.admission.expect(Admission.Knock(welcome: welcome.publicKey, stranger: stranger.publicKey))
    switch try knock(at: door, as: stranger) {
    case .letIn:
      finding.breach = "a key that nobody knows was let in at the door for \(door.name)"
      return
    case .silence: return finding.add("nobody answers at the door for \(door.name): no key is let in", door)
    case .turnedAway: break
    }
    switch try knock(at: door, as: welcome) {
    case .letIn: break
    case .silence: finding.add("no key is let in at the door for \(door.name)", door)
    case .turnedAway: finding.silence = "no key is let in at the door for \(door.name): also its own was turned away"
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

extension SelfTest.Finding {
  fileprivate mutating func add(_ words: String, _ door: SelfTest.Door) {
    if door.isForStrangers { remark = words } else { silence = words }
  }
}
