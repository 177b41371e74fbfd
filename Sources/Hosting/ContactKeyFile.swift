import Glibc
import Machinery
import PrivateFiles
import Tiers

/// The notifier's key file: beside the journal and never in it, readable by nobody else.
///
/// Replaced as a whole: written under another name, flushed, renamed, and the folder flushed. What an erased key said is on no
/// file's page after that; what a disk keeps of blocks that it no longer uses is the disk's to forget.
struct ContactKeyFile {
  let path: String

  /// - Throws: `HostFailure` when there is a file that can't be used.
  func keys() throws -> ContactKeys {
    unlink(unfinished)
    return ContactKeys(
      try read(), place: path,
      draw: { (0..<32).map { _ in UInt8.random(in: 0...255) } },
      write: { ring throws(JournalFailure) in try write(ring) })
  }

  /// No file is one without keys: a fresh notifier's, or an older one's, which has sealed nothing yet.
  private func read() throws -> ContactKeyRing {
    let bytes: [UInt8]
    do throws(PrivateFileFault) {
      bytes = try PrivateFile.read(path)
    } catch {
      guard !error.isMissing else { return ContactKeyRing() }
      throw HostFailure("the contact keys \(path): the file \(error.words)")
    }
    do {
      return try ContactKeyRing(String(decoding: bytes, as: UTF8.self))
    } catch {
      throw HostFailure("the contact keys \(path): \(error)")
    }
  }

  private func write(_ ring: ContactKeyRing) throws(JournalFailure) {
    unlink(unfinished)
    let descriptor = open(unfinished, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw failure(errno) }
    let bytes = Array(ring.text.utf8)
    let written = Glibc.write(descriptor, bytes, bytes.count)
    var reason: Int32 = written < 0 ? errno : written < bytes.count ? ENOSPC : 0
    if reason == 0, fsync(descriptor) != 0 { reason = errno }
    close(descriptor)
    if reason == 0, rename(unfinished, path) != 0 { reason = errno }
    if reason == 0, !flushFolder() { reason = errno }
    guard reason == 0 else {
      unlink(unfinished)
      throw failure(reason)
    }
  }

  private var unfinished: String { "\(path).writing" }

  private func flushFolder() -> Bool {
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return fsync(descriptor) == 0
  }

  private func failure(_ reason: Int32) -> JournalFailure {
    let words = "the contact keys \(path) can't be written: \(String(cString: strerror(reason)))"
    return reason == ENOSPC || reason == EDQUOT ? .full(words) : .broken(words)
  }
}
