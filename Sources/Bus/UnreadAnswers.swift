import DequeModule
import Messages
import Wire

/// What a peer doesn't read yet, in order.
struct UnreadAnswers {
  private var letters: Deque<(header: [UInt8], payload: [UInt8])> = []
  private(set) var bytes = 0

  var isEmpty: Bool { letters.isEmpty }
  var count: Int { letters.count }
  var first: (header: [UInt8], payload: [UInt8])? { letters.first }

  mutating func append(_ header: [UInt8], _ payload: [UInt8]) {
    letters.append((header, payload))
    bytes += header.count + payload.count
  }

  mutating func removeFirst() {
    let letter = letters.removeFirst()
    bytes -= letter.header.count + letter.payload.count
  }

  /// Each call with an answer or a message of a stream here gets `ending` in place of all that, and nothing else. Refusals stay as
  /// they are: they are as short. A PONG that nobody waited for is left out.
  ///
  /// - Returns: the calls that were ended.
  mutating func giveUp(ending: (_ callID: UInt64) -> [UInt8]) -> Set<UInt64> {
    var ended: Set<UInt64> = []
    let old = letters
    letters = []
    bytes = 0
    for letter in old {
      let header = letter.header.withUnsafeBytes { bytes in
        (try? RawHeader(bytes)).map { (kind: Kind(rawValue: $0.kind), callID: $0.callID, isRefusal: $0.status != 0) }
      }
      guard let header else { continue }
      switch header.kind {
      case .end where header.isRefusal:
        if !ended.contains(header.callID) { append(letter.header, letter.payload) }
      case .end, .data:
        if ended.insert(header.callID).inserted { append(ending(header.callID), []) }
      case .goaway: append(letter.header, letter.payload)
      default: break
      }
    }
    return ended
  }
}
