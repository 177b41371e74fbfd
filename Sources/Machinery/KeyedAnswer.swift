import Messages

/// 16 bytes without a heap block: there are hundreds of thousands of keys and hashes.
struct SixteenBytes: Hashable, Sendable {
  private var high: UInt64
  private var low: UInt64

  init?(_ bytes: [UInt8]) {
    guard bytes.count == 16 else { return nil }
    high = bytes[..<8].reduce(0) { $0 << 8 | UInt64($1) }
    low = bytes[8...].reduce(0) { $0 << 8 | UInt64($1) }
  }

  var bytes: [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 16) { buffer, count in
      let raw = UnsafeMutableRawBufferPointer(buffer)
      raw.storeBytes(of: high.bigEndian, as: UInt64.self)
      raw.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
      count = 16
    }
  }
}

/// An idempotency key and whose it is.
struct CallKey: Hashable, Sendable {
  var key: SixteenBytes
  var principal: UInt32
}

/// What an `Answered` says beside its key.
struct KeyedAnswer: Sendable {
  private enum Content: Sendable {
    case ok(requestHash: SixteenBytes, answer: [UInt8])
    /// Of the few that aren't OK.
    case any(Box)
  }
  private final class Box: Sendable {
    let answered: Answered
    init(_ answered: Answered) { self.answered = answered }
  }
  private var content: Content
  var answeredAt: Instant

  init(_ answered: Answered) {
    answeredAt = answered.answeredAt
    if answered.status == 0, let hash = SixteenBytes(answered.requestHash) {
      content = .ok(requestHash: hash, answer: answered.answer)
    } else {
      content = .any(Box(answered))
    }
  }

  func whole(_ call: CallKey, _ principals: PrincipalNumbers) -> Answered {
    switch content {
    case .ok(let hash, let answer):
      return Answered(
        principal: principals.name(call.principal), key: call.key.bytes, requestHash: hash.bytes, answer: answer,
        answeredAt: answeredAt)
    case .any(let box):
      var answered = box.answered
      answered.answeredAt = answeredAt
      return answered
    }
  }
}

/// Callers by number: few of them make many calls.
struct PrincipalNumbers: Sendable {
  private var names: [String] = []
  private var numbers: [String: UInt32] = [:]

  func known(_ name: String) -> UInt32? { numbers[name] }
  func name(_ number: UInt32) -> String { names[Int(number)] }

  mutating func number(of name: String) -> UInt32 {
    if let number = numbers[name] { return number }
    let number = UInt32(names.count)
    names.append(name)
    numbers[name] = number
    return number
  }
}
