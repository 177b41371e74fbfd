import CTocsinProto

/// Memory for one message: allocation is a bump of a pointer, everything is given back at once, and a hard cap keeps a small
/// message from becoming a large allocation (1 MB of empty sub-messages would be 33 MB).
final class Arena {
  /// For messages that this program made itself.
  static let encodingLimit = 256 * 1_024 * 1_024

  private var block: UnsafeMutableRawPointer
  private var capacity: Int
  private var used = 0
  private var spent = 0
  private var limit = 0
  private var full: [UnsafeMutableRawPointer] = []
  private(set) var allocator: UnsafeMutablePointer<ProtobufCAllocator>

  private init() {
    capacity = 64 * 1_024
    block = .allocate(byteCount: capacity, alignment: 16)
    allocator = .allocate(capacity: 1)
    allocator.initialize(
      to: ProtobufCAllocator(
        alloc: { data, size in Unmanaged<Arena>.fromOpaque(data!).takeUnretainedValue().allocate(size) },
        free: { _, _ in },
        allocator_data: Unmanaged.passUnretained(self).toOpaque()))
  }

  deinit {
    block.deallocate()
    full.forEach { $0.deallocate() }
    allocator.deallocate()
  }

  /// Lends this thread's arena, empty, for the time of the closure. Nested use gets an arena of its own.
  static func use<Value>(limit: Int, _ body: (Arena) -> Value) -> Value {
    let storage = Unmanaged<ThreadArena>.fromOpaque(ThreadArena.current).takeUnretainedValue()
    let arena = storage.take() ?? Arena()
    arena.limit = limit
    defer {
      arena.reset()
      storage.put(arena)
    }
    return body(arena)
  }

  func allocate(_ size: Int) -> UnsafeMutableRawPointer? {
    let rounded = (size + 15) & ~15
    guard spent + rounded <= limit else { return nil }
    if used + rounded > capacity { grow(toFit: rounded) }
    defer {
      used += rounded
      spent += rounded
    }
    return block + used
  }

  func allocate<Value>(_ type: Value.Type, count: Int = 1) -> UnsafeMutablePointer<Value> {
    guard let memory = allocate(max(1, MemoryLayout<Value>.stride * count)) else {
      preconditionFailure("a message of our own needs more than \(limit) bytes to encode")
    }
    return memory.bindMemory(to: Value.self, capacity: count)
  }

  private func grow(toFit size: Int) {
    full.append(block)
    capacity = max(2 * capacity, size)
    block = .allocate(byteCount: capacity, alignment: 16)
    used = 0
  }

  private func reset() {
    used = 0
    spent = 0
    full.forEach { $0.deallocate() }
    full.removeAll(keepingCapacity: true)
    if capacity > 4 * 1_024 * 1_024 {
      block.deallocate()
      capacity = 64 * 1_024
      block = .allocate(byteCount: capacity, alignment: 16)
    }
  }
}

// MARK: Values into C

extension Arena {
  func string(_ text: String) -> UnsafeMutablePointer<CChar> {
    var text = text
    return text.withUTF8 { utf8 in
      let copy = allocate(CChar.self, count: utf8.count + 1)
      if let base = utf8.baseAddress { UnsafeMutableRawPointer(copy).copyMemory(from: base, byteCount: utf8.count) }
      copy[utf8.count] = 0
      return copy
    }
  }

  func bytes(_ bytes: [UInt8]) -> ProtobufCBinaryData {
    let copy = allocate(UInt8.self, count: bytes.count)
    bytes.withUnsafeBufferPointer { if let base = $0.baseAddress { copy.update(from: base, count: $0.count) } }
    return ProtobufCBinaryData(len: bytes.count, data: copy)
  }

  func message<Value: PackedMessage>(_ value: Value) -> UnsafeMutablePointer<Value.Packed> {
    let c = allocate(Value.Packed.self)
    value.fill(c, self)
    return c
  }

  func list<Value, Element>(
    _ values: [Value], _ convert: (Value) -> Element
  ) -> (UnsafeMutablePointer<Element>?, Int) {
    guard !values.isEmpty else { return (nil, 0) }
    let array = allocate(Element.self, count: values.count)
    for (index, value) in values.enumerated() { (array + index).initialize(to: convert(value)) }
    return (array, values.count)
  }

  func list<Value, Pointee>(
    _ values: [Value], _ convert: (Value) -> UnsafeMutablePointer<Pointee>
  ) -> (UnsafeMutablePointer<UnsafeMutablePointer<Pointee>?>?, Int) {
    guard !values.isEmpty else { return (nil, 0) }
    let array = allocate(Optional<UnsafeMutablePointer<Pointee>>.self, count: values.count)
    for (index, value) in values.enumerated() { (array + index).initialize(to: convert(value)) }
    return (array, values.count)
  }
}
