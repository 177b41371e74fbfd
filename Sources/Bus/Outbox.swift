import DequeModule

/// What one turn of a server makes, in order, until it is sent at the turn's end: headers lie one behind the other in
/// memory that is used again.
struct Outbox {
  private struct Letter {
    var route: UInt64
    var header: Range<Int>
    var payload: [UInt8]
  }
  private var letters: ContiguousArray<Letter> = []
  private var headers: ContiguousArray<UInt8> = []

  var isEmpty: Bool { letters.isEmpty }
  var count: Int { letters.count }

  mutating func append(_ route: UInt64, _ header: UnsafeRawBufferPointer, _ payload: [UInt8]) {
    let start = headers.count
    headers.append(contentsOf: header)
    letters.append(Letter(route: route, header: start..<headers.count, payload: payload))
  }

  func forEach(_ body: (_ route: UInt64, _ header: UnsafeRawBufferPointer, _ payload: [UInt8]) -> Void) {
    headers.withUnsafeBytes { headers in
      for letter in letters {
        body(letter.route, UnsafeRawBufferPointer(rebasing: headers[letter.header]), letter.payload)
      }
    }
  }

  mutating func removeAll() {
    letters.removeAll(keepingCapacity: letters.capacity <= 4_096)
    headers.removeAll(keepingCapacity: headers.capacity <= 1_024 * 1_024)
  }
}
