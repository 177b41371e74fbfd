/// When something must be done about each open call: a ring of lists, so that setting and cancelling cost a few writes
/// however many calls are open. A list holds what is due within the same 4 ms, of this round of the ring or of later ones.
struct DueWheel {
  private static let shift: UInt64 = 22
  private static let size: UInt64 = 1_024
  private var heads = ContiguousArray<OpenCall?>(repeating: nil, count: Int(size))
  /// The first tick that may hold something due.
  private var tick: UInt64 = 0
  private(set) var count = 0
  /// The earliest due that was set since `next` was last asked.
  private(set) var earliestSet = UInt64.max

  mutating func set(_ call: OpenCall, due: UInt64) {
    cancel(call)
    call.due = due
    let bucket = Int(max(due >> Self.shift, tick) % Self.size)
    call.bucket = bucket
    call.next = heads[bucket]
    call.previous = nil
    heads[bucket]?.previous = call
    heads[bucket] = call
    count += 1
    earliestSet = min(earliestSet, due)
  }

  mutating func cancel(_ call: OpenCall) {
    guard call.bucket >= 0 else { return }
    call.next?.previous = call.previous
    if let previous = call.previous { previous.next = call.next } else { heads[call.bucket] = call.next }
    call.bucket = -1
    call.next = nil
    call.previous = nil
    count -= 1
  }

  /// Takes out everything that is due.
  mutating func take(through now: UInt64) -> [OpenCall] {
    let last = now >> Self.shift
    var found: [OpenCall] = []
    if tick + Self.size <= last { tick = last - Self.size + 1 }
    while tick <= last {
      var next = heads[Int(tick % Self.size)]
      while let call = next {
        next = call.next
        if call.due <= now {
          cancel(call)
          found.append(call)
        }
      }
      if tick == last { break }
      tick += 1
    }
    return found
  }

  /// When there may next be something to take; nil when there is nothing at all.
  mutating func next(after now: UInt64) -> UInt64? {
    earliestSet = .max
    guard count > 0 else { return nil }
    let current = now >> Self.shift
    let first = max(tick, current >= Self.size ? current - Self.size + 1 : 0)
    for wanted in first..<current + Self.size {
      var next = heads[Int(wanted % Self.size)]
      var earliest: UInt64?
      while let call = next {
        if call.due >> Self.shift <= wanted { earliest = min(earliest ?? call.due, call.due) }
        next = call.next
      }
      if let earliest { return earliest }
    }
    return now + Self.size << Self.shift
  }
}
