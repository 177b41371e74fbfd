import Glibc
import Machinery
import Messages

/// Reads a checkpoint file from front to back; nil where it ends too soon, can't be read or a checksum is wrong.
final class CheckpointReader {
  private let file: UnsafeMutablePointer<FILE>

  init?(_ path: String) {
    guard let file = fopen(path, "r") else { return nil }
    self.file = file
  }

  deinit {
    fclose(file)
  }

  /// Where the journal stood, and how many bodies follow.
  func header() -> (head: JournalHead, count: Int)? {
    guard number() == CheckpointFile.magic, let sequence: UInt64 = number(), let count: UInt64 = number(),
      let chain = bytes(32), let sum: UInt32 = number(), count < 1 << 32
    else { return nil }
    let head = JournalHead(sequence: sequence, chain: ChainHash(bytes: chain))
    return sum == CheckpointFile.checksum(of: head) ? (head, Int(count)) : nil
  }

  func body() -> [UInt8]? {
    guard let size: UInt32 = number(), let checksum: UInt32 = number(), size <= 1 << 28, let body = bytes(Int(size)),
      CRC32C.checksum(body) == checksum
    else { return nil }
    return body
  }

  func number<Number: FixedWidthInteger>(_: Number.Type = Number.self) -> Number? {
    var number = Number.zero
    let isRead = withUnsafeMutableBytes(of: &number) { fread($0.baseAddress, 1, $0.count, file) == $0.count }
    return isRead ? Number(littleEndian: number) : nil
  }

  private func bytes(_ count: Int) -> [UInt8]? {
    var isWhole = false
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      filled = count == 0 ? 0 : fread(buffer.baseAddress, 1, count, file)
      isWhole = filled == count
    }
    return isWhole ? bytes : nil
  }
}
