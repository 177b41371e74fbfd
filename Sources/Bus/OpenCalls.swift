/// The open calls of a client, found by id without hashing: an id is the number of a slot, and how often it was used.
struct OpenCalls {
  private var slots: ContiguousArray<OpenCall> = []
  private var free: ContiguousArray<OpenCall> = []
  /// Begins anywhere, so that the ids of two lives of a process differ.
  private var uses = UInt64(UInt32.random(in: 1...UInt32.max / 2))

  var count: Int { slots.count - free.count }

  mutating func begin() -> OpenCall {
    let call: OpenCall
    if let used = free.popLast() {
      call = used
    } else {
      call = OpenCall(index: slots.count)
      slots.append(call)
    }
    uses = (uses + 1) & 0xffff_ffff
    if uses == 0 { uses = 1 }
    call.id = uses << 32 | UInt64(call.index)
    return call
  }

  subscript(id: UInt64) -> OpenCall? {
    let index = Int(id & 0xffff_ffff)
    guard index < slots.count, slots[index].id == id, id != 0 else { return nil }
    return slots[index]
  }

  mutating func end(_ call: OpenCall) {
    call.clear()
    free.append(call)
  }

  /// All that are open now.
  var all: [OpenCall] { slots.filter { $0.id != 0 } }
}
