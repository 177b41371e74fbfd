import Glibc
import Machinery
import Messages

/// A checkpoint file that is whole, read where it lies: its entries are not in memory all at once.
public struct Checkpoint: Sendable {
  public let head: JournalHead
  /// How many entries it has.
  public let count: Int
  private let file: MappedFile
  private let begin: Int

  init(head: JournalHead, count: Int, file: MappedFile, begin: Int) {
    self.head = head
    self.count = count
    self.file = file
    self.begin = begin
  }

  /// Entries' bodies in order.
  public func forEach(_ take: ([UInt8]) throws -> Void) rethrows {
    var cursor = FileCursor(file, at: begin)
    for _ in 0..<count {
      guard let body = cursor.body() else { return }
      try take(Array(body))
    }
  }
}

/// A file in the address space. Nobody changes a checkpoint once it has its name.
final class MappedFile: @unchecked Sendable {
  // Sendable because nobody writes to it.
  let bytes: UnsafeRawBufferPointer

  init?(_ path: String) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_size > 0 else { return nil }
    let size = Int(status.st_size)
    guard let base = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), base != MAP_FAILED else { return nil }
    madvise(base, size, MADV_SEQUENTIAL)
    bytes = UnsafeRawBufferPointer(start: base, count: size)
  }

  deinit {
    munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
  }
}

/// Reads a file from front to back; nil where it ends too soon or a checksum is wrong.
struct FileCursor {
  private let file: MappedFile
  private(set) var at: Int

  init(_ file: MappedFile, at: Int = 0) {
    self.file = file
    self.at = at
  }

  mutating func number<Number: FixedWidthInteger>(_: Number.Type = Number.self) -> Number? {
    bytes(MemoryLayout<Number>.size).map { Number(littleEndian: $0.loadUnaligned(as: Number.self)) }
  }

  mutating func bytes(_ count: Int) -> UnsafeRawBufferPointer? {
    guard count <= file.bytes.count - at else { return nil }
    defer { at += count }
    return UnsafeRawBufferPointer(rebasing: file.bytes[at..<at + count])
  }

  mutating func body() -> UnsafeRawBufferPointer? {
    guard let size: UInt32 = number(), let checksum: UInt32 = number(), let body = bytes(Int(size)),
      CRC32C.checksum(body) == checksum
    else { return nil }
    return body
  }
}
