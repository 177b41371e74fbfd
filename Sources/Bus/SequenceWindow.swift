import DequeModule

/// The numbers of one session's calls: which is next, and up to which all are done.
struct SequenceWindow {
  private var open: Deque<Bool> = []
  private(set) var acknowledgedThrough: UInt64 = 0

  mutating func next() -> UInt64 {
    open.append(true)
    return acknowledgedThrough + UInt64(open.count)
  }

  mutating func done(_ number: UInt64) {
    open[Int(number - acknowledgedThrough - 1)] = false
    while open.first == false {
      open.removeFirst()
      acknowledgedThrough += 1
    }
  }
}
