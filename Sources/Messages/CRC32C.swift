import CChecksum

/// CRC-32C (Castagnoli): for payload frames on the wire and rows of a journal. By the processor's instruction where there
/// is one (four times as fast), else eight bytes at a step by table.
public enum CRC32C {
  public static func checksum(_ bytes: [UInt8]) -> UInt32 {
    bytes.withUnsafeBytes { checksum($0) }
  }

  public static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    isNative ? ~tocsin_crc32c(0xffff_ffff, bytes.baseAddress, bytes.count) : byTable(bytes)
  }

  private static let isNative = tocsin_crc32c_is_native() != 0

  static func byTable(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    tables.withUnsafeBufferPointer { table in
      var crc: UInt32 = 0xffff_ffff
      var index = 0
      while index + 8 <= bytes.count {
        let low = bytes.loadUnaligned(fromByteOffset: index, as: UInt32.self).littleEndian ^ crc
        let high = bytes.loadUnaligned(fromByteOffset: index + 4, as: UInt32.self).littleEndian
        crc =
          table[7 * 256 + Int(low & 0xff)] ^ table[6 * 256 + Int(low >> 8 & 0xff)]
          ^ table[5 * 256 + Int(low >> 16 & 0xff)] ^ table[4 * 256 + Int(low >> 24)]
          ^ table[3 * 256 + Int(high & 0xff)] ^ table[2 * 256 + Int(high >> 8 & 0xff)]
          ^ table[1 * 256 + Int(high >> 16 & 0xff)] ^ table[Int(high >> 24)]
        index += 8
      }
      while index < bytes.count {
        crc = table[Int((crc ^ UInt32(bytes[index])) & 0xff)] ^ (crc >> 8)
        index += 1
      }
      return ~crc
    }
  }

  private static let tables: [UInt32] = {
    var table = [UInt32](repeating: 0, count: 8 * 256)
    for byte in 0..<256 {
      var crc = UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? (crc >> 1) ^ 0x82f6_3b78 : crc >> 1 }
      table[byte] = crc
    }
    for byte in 0..<256 {
      for slice in 1..<8 {
        let before = table[(slice - 1) * 256 + byte]
        table[slice * 256 + byte] = table[Int(before & 0xff)] ^ (before >> 8)
      }
    }
    return table
  }()
}
