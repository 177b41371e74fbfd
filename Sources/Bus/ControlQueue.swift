import DequeModule
import Messages
import Wire

/// What a client has to say about calls that are on their way, and its socket couldn't take: a CREDIT that is lost makes a stream's
/// window smaller for good, and a CANCEL that is lost leaves work running.
///
/// Bounded by the calls on the wire: each has one frame here at most.
struct ControlQueue {
  struct Frame {
    var kind: Kind
    var callID: UInt64
    var credit: UInt32
  }
  private var order: Deque<UInt64> = []
  private var frames: [UInt64: Frame] = [:]

  var first: Frame? { order.first.flatMap { frames[$0] } }

  /// Credits of a call add up; of a call that is cancelled nothing else matters.
  mutating func append(_ kind: Kind, _ callID: UInt64, credit: UInt32) {
    guard var frame = frames[callID] else {
      order.append(callID)
      frames[callID] = Frame(kind: kind, callID: callID, credit: credit)
      return
    }
    if kind == .cancel { frame = Frame(kind: .cancel, callID: callID, credit: 0) }
    if kind == .credit, frame.kind == .credit { frame.credit += credit }
    frames[callID] = frame
  }

  mutating func removeFirst() {
    frames[order.removeFirst()] = nil
  }

  mutating func removeAll() {
    order = []
    frames = [:]
  }
}
