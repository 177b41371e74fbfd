import CTocsinProto
import Messages

/// A value that travels: encoded and decoded through protobuf-c.
public protocol WireMessage: Hashable, Sendable {
  /// The name in the `.proto`, with its package.
  static var fullName: String { get }
  func encoded() -> [UInt8]
  /// Linted before protobuf-c sees the bytes.
  init(decoding bytes: [UInt8], lint: Lint) throws(WireError)
}

extension WireMessage {
  /// Bytes from other processes.
  public init(decoding bytes: [UInt8]) throws(WireError) {
    try self.init(decoding: bytes, lint: .outside)
  }

  /// Bytes that this project wrote itself and has verified: rows of a journal.
  public init(decodingTrusted bytes: [UInt8]) throws(WireError) {
    try self.init(decoding: bytes, lint: .trusted)
  }
}

/// How a value gets into protobuf-c's struct and out again. Generated.
protocol PackedMessage: WireMessage {
  associatedtype Packed
  static var descriptor: Descriptor { get }
  func fill(_ c: UnsafeMutablePointer<Packed>, _ arena: Arena)
  init(unpacked c: UnsafeMutablePointer<Packed>) throws(WireError)
}

extension PackedMessage {
  public func encoded() -> [UInt8] {
    Arena.use(limit: Arena.encodingLimit) { arena in
      let c = arena.allocate(Packed.self)
      fill(c, arena)
      let base = UnsafeRawPointer(c).assumingMemoryBound(to: ProtobufCMessage.self)
      let size = protobuf_c_message_get_packed_size(base)
      return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
        count = size == 0 ? 0 : protobuf_c_message_pack(base, buffer.baseAddress)
      }
    }
  }

  public init(decoding bytes: [UInt8], lint: Lint) throws(WireError) {
    try lint.check(bytes, Self.descriptor)
    let limit = lint.memory(for: bytes.count)
    let result: Result<Self, WireError> = Arena.use(limit: limit) { arena in
      let unpacked = bytes.withUnsafeBufferPointer {
        protobuf_c_message_unpack(Self.descriptor.pointer, arena.allocator, $0.count, $0.baseAddress)
      }
      guard let unpacked else {
        let rule = "\(Self.fullName) can't be unpacked within \(limit) bytes of memory"
        return .failure(WireError(field: "", rule: rule))
      }
      do throws(WireError) {
        return .success(try Self(unpacked: UnsafeMutableRawPointer(unpacked).assumingMemoryBound(to: Packed.self)))
      } catch {
        return .failure(error)
      }
    }
    self = try result.get()
  }
}

/// An enum of the protocol; a number that it doesn't have was sent by a newer program, or by a mistaken one.
protocol WireEnum: RawRepresentable where RawValue == UInt32 {}
