import CTocsinProto
import Messages

/// A value that travels: encoded and decoded through protobuf-c.
public protocol WireMessage: Hashable, Sendable {
  /// The name in the `.proto`, with its package.
  static var fullName: String { get }
  func encoded() -> [UInt8]
  /// Bytes from outside: linted before protobuf-c sees them.
  init(decoding bytes: [UInt8]) throws(WireError)
  /// Bytes that this project wrote itself and has verified (rows of a journal): no caps.
  init(decodingTrusted bytes: [UInt8]) throws(WireError)
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

  public init(decoding bytes: [UInt8]) throws(WireError) {
    try Lint.outside.check(bytes, Self.descriptor)
    try self.init(unpacking: bytes, limit: 16 * bytes.count + 64 * 1_024)
  }

  public init(decodingTrusted bytes: [UInt8]) throws(WireError) {
    try Lint.inside.check(bytes, Self.descriptor)
    try self.init(unpacking: bytes, limit: Arena.encodingLimit)
  }

  private init(unpacking bytes: [UInt8], limit: Int) throws(WireError) {
    let result: Result<Self, WireError> = Arena.use(limit: limit) { arena in
      let unpacked = bytes.withUnsafeBufferPointer {
        protobuf_c_message_unpack(Self.descriptor.pointer, arena.allocator, $0.count, $0.baseAddress)
      }
      guard let unpacked else {
        return .failure(WireError(field: "", rule: "\(Self.fullName) can't be unpacked within \(limit) bytes of memory"))
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

/// A pointer to one of protobuf-c's descriptors: constant data, made by protoc-c, that nobody writes.
struct Descriptor: @unchecked Sendable {
  // Sendable because the descriptors are immutable globals of the generated C code.
  let pointer: UnsafePointer<ProtobufCMessageDescriptor>

  init(_ pointer: UnsafePointer<ProtobufCMessageDescriptor>) {
    self.pointer = pointer
  }
}

/// An enum of the protocol; a number that it doesn't have was sent by a newer program, or by a mistaken one.
protocol WireEnum: RawRepresentable where RawValue == UInt32 {}

/// Which field broke which rule of the wire.
public struct WireError: Error, Hashable, Sendable {
  /// The path in the words of the `.proto`: `labels[3].name`; empty for the message as a whole.
  public var field: String
  public var rule: String

  public init(field: String, rule: String) {
    self.field = field
    self.rule = rule
  }

  /// What a caller is told.
  public var refusal: Refusal {
    .invalid(field, field.isEmpty ? rule : "\(field): \(rule)")
  }
}
