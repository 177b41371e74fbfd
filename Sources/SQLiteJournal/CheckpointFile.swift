import Glibc
import Machinery
import Messages

/// A machine's state in a file, so that a restart need not fold the whole journal: where the journal stood, and the fewest
/// entries that fold into the state.
///
/// Written under another name, flushed, renamed, and the directory flushed: a file with the right name is whole, and its
/// checksums say so.
public enum CheckpointFile {
  /// What is written.
  public struct Content: Sendable {
    public var head: JournalHead
    public var bodies: [[UInt8]]

    public init(head: JournalHead, bodies: [[UInt8]]) {
      self.head = head
      self.bodies = bodies
    }
  }
  static let magic: UInt64 = 0x746f_6373_696e_4332
  private static let kept = 2

  public static func write(_ content: Content, in directory: String) throws(JournalFailure) {
    let name = "\(directory)/checkpoint-\(content.head.sequence)"
    let temporary = "\(name).writing"
    guard let file = fopen(temporary, "w") else { throw broken(temporary) }
    chmod(temporary, 0o600)
    var isGood = put(file, magic) && put(file, content.head.sequence) && put(file, UInt64(content.bodies.count))
    isGood = isGood && put(file, content.head.chain.bytes) && put(file, checksum(of: content.head))
    for body in content.bodies where isGood {
      isGood = put(file, UInt32(body.count)) && put(file, CRC32C.checksum(body)) && put(file, body)
    }
    isGood = isGood && put(file, magic) && fflush(file) == 0 && fsync(fileno(file)) == 0
    fclose(file)
    guard isGood, rename(temporary, name) == 0 else {
      unlink(temporary)
      throw broken(name)
    }
    guard Folder.flush(directory) else { throw broken(directory) }
    for old in sequences(in: directory).dropFirst(kept) { unlink("\(directory)/checkpoint-\(old)") }
  }

  /// Forgets all of them, because the journal has lost rows that they may cover, or all but one.
  public static func removeAll(in directory: String, but sequence: UInt64? = nil) {
    for name in names(in: directory) where sequence.map({ name != "checkpoint-\($0)" }) ?? true {
      unlink("\(directory)/\(name)")
    }
  }

  /// The newest file that is whole. Damaged ones are told of and passed over.
  public static func newest(in directory: String, damaged: (String) -> Void = { _ in }) -> Checkpoint? {
    removeUnfinished(in: directory)
    for sequence in sequences(in: directory) {
      if let content = read("\(directory)/checkpoint-\(sequence)") { return content }
      damaged("\(directory)/checkpoint-\(sequence) is damaged; an older one or the whole journal is used")
    }
    return nil
  }

  /// Where the file is that was made at a row.
  public static func path(of sequence: UInt64, in directory: String) -> String { "\(directory)/checkpoint-\(sequence)" }

  static func read(_ path: String) -> Checkpoint? {
    guard let reader = CheckpointReader(path), let (head, count) = reader.header() else { return nil }
    for _ in 0..<count { guard reader.body() != nil else { return nil } }
    return reader.number() == magic ? Checkpoint(head: head, count: count, path: path) : nil
  }

  static func checksum(of head: JournalHead) -> UInt32 {
    CRC32C.checksum(head.chain.bytes + withUnsafeBytes(of: head.sequence.littleEndian) { Array($0) })
  }

  /// Files that a process was writing when it died.
  private static func removeUnfinished(in directory: String) {
    for name in names(in: directory) where name.hasSuffix(".writing") { unlink("\(directory)/\(name)") }
  }

  /// Sequence numbers of the files there are, newest first.
  public static func sequences(in directory: String) -> [UInt64] {
    names(in: directory).compactMap { UInt64($0.dropFirst("checkpoint-".count)) }.sorted(by: >)
  }

  private static func names(in directory: String) -> [String] {
    guard let folder = opendir(directory) else { return [] }
    defer { closedir(folder) }
    var found: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if name.hasPrefix("checkpoint-") { found.append(name) }
    }
    return found
  }

  private static func put(_ file: UnsafeMutablePointer<FILE>, _ bytes: [UInt8]) -> Bool {
    bytes.isEmpty || fwrite(bytes, 1, bytes.count, file) == bytes.count
  }

  private static func put<Number: FixedWidthInteger>(_ file: UnsafeMutablePointer<FILE>, _ number: Number) -> Bool {
    withUnsafeBytes(of: number.littleEndian) { fwrite($0.baseAddress, 1, $0.count, file) == $0.count }
  }

  private static func broken(_ path: String) -> JournalFailure {
    .broken("\(path) can't be written: \(String(cString: strerror(errno)))")
  }
}
