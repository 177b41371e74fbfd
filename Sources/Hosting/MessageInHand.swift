import Foundation
import Glibc
import Machinery
import Messages

/// The message that is being decided, in memory that outlives the process, so that one message can't end a tier again and
/// again: after the second death on it, it is kept as it came, answered INTERNAL, and told of.
///
/// Of a message that holds addresses only its hash is taken, because this memory is a file (requirement N7).
///
/// Costs a copy of the message and no system call. SIGKILL at the wrong instant counts as a death on the message in hand; two
/// such coincidences on one message set it aside, where people find it, and nothing is lost in silence.
final class MessageInHand {
  private static let capacity = 1_100_000
  private static let header = 16
  private let directory: String
  private let personalMethods: Set<String>
  private let memory: UnsafeMutableRawPointer?
  /// Hashes of the messages that were set aside; those of files that were deleted since are among them until `lookAside` is called.
  private(set) var setAside: Set<String> = []
  /// Set when this start found that the process before died on a message for the second time.
  private(set) var news: String?

  init(directory: String, personalMethods: Set<String> = []) {
    self.directory = directory
    self.personalMethods = personalMethods
    let descriptor = open("\(directory)/in-hand", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    var mapped: UnsafeMutableRawPointer?
    if descriptor >= 0, posix_fallocate(descriptor, 0, off_t(Self.capacity)) == 0 {
      mapped = mmap(nil, Self.capacity, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
    }
    if descriptor >= 0 { close(descriptor) }
    memory = mapped == MAP_FAILED ? nil : mapped
    setAside = hashesAside() ?? []
    lookBack()
    // An older version took them as they came.
    if !personalMethods.isEmpty, let memory { memset(memory, 0, Self.capacity) }
  }

  func take(_ path: String, _ message: [UInt8]) {
    let payload = personalMethods.contains(path) ? Array(Self.hash(path, message).utf8) : message
    guard let memory, Self.header + path.utf8.count + payload.count <= Self.capacity else { return }
    memory.storeBytes(of: UInt32(path.utf8.count), toByteOffset: 4, as: UInt32.self)
    memory.storeBytes(of: UInt32(payload.count), toByteOffset: 8, as: UInt32.self)
    var path = path
    path.withUTF8 { (memory + Self.header).copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
    let at = memory + Self.header + path.utf8.count
    payload.withUnsafeBytes { if let base = $0.baseAddress { at.copyMemory(from: base, byteCount: $0.count) } }
    memory.storeBytes(of: 1, as: UInt32.self)
  }

  func release() {
    memory?.storeBytes(of: 0, as: UInt32.self)
  }

  /// Whether this message has ended the process twice.
  func isSetAside(_ path: String, _ payload: [UInt8]) -> Bool {
    !setAside.isEmpty && setAside.contains(Self.hash(path, payload))
  }

  /// How many messages are set aside now. Whoever deletes one's file is done with it: it is counted no longer, and may come again.
  func lookAside() -> Int {
    if !setAside.isEmpty, let there = hashesAside() { setAside = there }
    return setAside.count
  }

  /// Nil when the folder can't be read now, which tells nothing.
  private func hashesAside() -> Set<String>? {
    let folder = "\(directory)/set-aside"
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
      return access(folder, F_OK) != 0 && errno == ENOENT ? [] : nil
    }
    return Set(names.filter { $0.count == 32 })
  }

  private func lookBack() {
    guard let memory, memory.load(as: UInt32.self) == 1 else { return }
    release()
    let pathCount = Int(memory.load(fromByteOffset: 4, as: UInt32.self))
    let payloadCount = Int(memory.load(fromByteOffset: 8, as: UInt32.self))
    guard pathCount + payloadCount + Self.header <= Self.capacity else { return }
    let bytes = UnsafeRawBufferPointer(start: memory + Self.header, count: pathCount + payloadCount)
    let path = String(decoding: bytes.prefix(pathCount), as: UTF8.self)
    let payload = Array(bytes.dropFirst(pathCount))
    let hash = hashInHand(path, payload)
    let deaths = "\(directory)/died-on"
    let before = ((try? String(contentsOfFile: deaths, encoding: .utf8)) ?? "").split(separator: "\n").map(String.init)
    guard before.contains(hash) else {
      try? (before.suffix(63) + [hash]).joined(separator: "\n").write(toFile: deaths, atomically: true, encoding: .utf8)
      return
    }
    // An older version took a message with addresses as it came.
    keep(hash, path, personalMethods.contains(path) ? Array(hash.utf8) : payload)
  }

  /// Of a message with addresses it is what was taken, unless an older version took it.
  private func hashInHand(_ path: String, _ payload: [UInt8]) -> String {
    let isHash = payload.count == 32 && payload.allSatisfy { 0x30...0x39 ~= $0 || 0x61...0x66 ~= $0 }
    return personalMethods.contains(path) && isHash
      ? String(decoding: payload, as: UTF8.self) : Self.hash(path, payload)
  }

  private func keep(_ hash: String, _ path: String, _ payload: [UInt8]) {
    let folder = "\(directory)/set-aside"
    mkdir(folder, 0o700)
    let descriptor = open("\(folder)/\(hash)", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    let content = Array("\(path)\n".utf8) + payload
    guard write(descriptor, content, content.count) == content.count, fsync(descriptor) == 0 else {
      unlink("\(folder)/\(hash)")
      return
    }
    setAside.insert(hash)
    news = "a message to \(path) ended this process twice; it is kept as set-aside/\(hash)"
  }

  private static func hash(_ path: String, _ payload: [UInt8]) -> String {
    HexText.of(CallIdentity(principal: "", token: .key([]), method: path, payload: payload).requestHash)
  }
}
