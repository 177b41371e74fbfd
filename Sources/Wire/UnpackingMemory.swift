import CTocsinProto
import Glibc

/// How much memory protobuf-c asks for to unpack a message, counted by itself: what `Lint` says that it allows is held against it by
/// fuzzing, in bytes. Each piece comes from the system's allocator, where the sanitizers see it.
package enum UnpackingMemory {
  private struct Count {
    var asked = 0
  }

  /// Everything that is asked for, in whole pieces of 16 bytes as the arena gives them; nil: protobuf-c takes no such message.
  ///
  /// - Parameter bytes: what a lint has taken.
  package static func asked(for bytes: [UInt8], as type: any WireMessage.Type) -> Int? {
    guard let descriptor = (type as? any PackedMessage.Type)?.descriptor else { return nil }
    var count = Count()
    let unpacked = withUnsafeMutablePointer(to: &count) { count in
      var allocator = ProtobufCAllocator(
        alloc: { data, size in
          data?.assumingMemoryBound(to: Count.self).pointee.asked += (size + 15) & ~15
          return malloc(size)
        }, free: { _, memory in free(memory) }, allocator_data: count)
      guard
        let message = protobuf_c_message_unpack(descriptor.pointer, &allocator, bytes.count, bytes)
      else { return false }
      protobuf_c_message_free_unpacked(message, &allocator)
      return true
    }
    return unpacked ? count.asked : nil
  }
}
