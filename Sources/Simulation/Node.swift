import Machinery
import Messages

/// A tier in the simulated world, whatever its rules: what the network and the fault maker can do with it.
protocol Node: AnyObject {
  var peer: Peer { get }
  var isUp: Bool { get }
  var temper: DiskTemper { get set }
  func receive(_ request: SimulatedRequest, reply: @escaping (Result<[UInt8], Refusal>) -> Void)
  /// Whether a process runs now: one whose journal has lost rows that were said to be durable refuses to.
  @discardableResult
  func start() -> Bool
  /// An operator has read what is lost and lets the tier go on without it.
  func acceptLoss()
  /// An operator says that a peer's journal has lost its end. False while this tier is down.
  func handOverAgain(to peer: Peer) -> Bool
  func crash()
  /// It crashes, and the last batches that its disk had said to have flushed are gone too.
  func crash(losing batches: Int)
  /// The process ends when it reaches a labelled point for the nth time from now.
  func arm(_ point: CrashPoint, after times: Int)
  /// It ends at no labelled point any more.
  func disarm()
  func stepClock(by span: Span)
  /// Whether time makes anything happen.
  var timersRun: Bool { get set }
  /// A connection to a peer is there again.
  func peerReturned(_ peer: Peer)
  func debts() -> [Peer: DebtSummary]
  func staleDebts(_ limit: Span) -> [Peer]
  /// Folding the journal again, whole and from the last checkpoint, gives the state in memory (not judged while something
  /// waits for the disk).
  func checkReplay()
}

/// A call on the simulated network.
struct SimulatedRequest {
  var path: String
  var payload: [UInt8]
  var principal = "simulation"
  var token: CallIdentity.Token?
}

/// How badly a node's disk behaves. None of it is ever 1: whatever fails works again by and by.
struct DiskTemper {
  var flush: ClosedRange<Int64> = 1...3
  /// One write in so many fails for good; what it wrote may be there or not, and the process must end.
  var breaksOneIn = 0
  /// One write in so many finds the disk full, and it stays full for up to two minutes.
  var fillsOneIn = 0
  /// One flush in so many says that it failed although the rows are on disk.
  var deniesOneIn = 0
  /// One crash in so many shows that the last flushes, which had said OK, were never done.
  var liesOneIn = 0
}
