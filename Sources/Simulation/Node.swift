import Machinery
import Messages

/// A tier in the simulated world, whatever its rules: what the network and the fault maker can do with it.
protocol Node: AnyObject {
  var peer: Peer { get }
  var isUp: Bool { get }
  /// Rows on its disk.
  var rowsOnDisk: UInt64 { get }
  func receive(_ request: SimulatedRequest, reply: @escaping (Result<[UInt8], Refusal>) -> Void)
  func start()
  func crash()
  func stepClock(by span: Span)
  func debts() -> [Peer: DebtSummary]
  /// Whether folding the journal again gives the state in memory (only asked when nothing is waiting for the disk).
  func replaysToItself() -> Bool
}

/// A call on the simulated network.
struct SimulatedRequest {
  var path: String
  var payload: [UInt8]
  var principal = "simulation"
  var token: CallIdentity.Token?
}

/// How badly a node's disk behaves.
struct DiskTemper {
  var flush: ClosedRange<Int64> = 1...3
  /// One flush in so many fails for good; the process must end.
  var breaksOneIn = 0
  /// One flush in so many says that it failed although the rows are on disk.
  var liesOneIn = 0
}
