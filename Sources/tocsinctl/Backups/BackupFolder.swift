import Foundation
import Glibc
import Machinery
import Messages
import SQLiteJournal

/// A folder with a backup: `manifest.json`, and a folder for each tier with its `journal.db` and checkpoint.
struct BackupFolder {
  let path: String

  init(_ path: String) {
    self.path = path
  }

  func folder(of tier: Tier) -> String { "\(path)/\(tier.name)" }
  func contactKeys(of tier: Tier) -> String { "\(folder(of: tier))/contact-keys" }
  private var manifestPath: String { "\(path)/manifest.json" }

  var hasManifest: Bool { access(manifestPath, F_OK) == 0 }

  func manifest() throws -> BackupManifest {
    guard let data = FileManager.default.contents(atPath: manifestPath) else {
      throw WrongInput("\(manifestPath) can't be read: \(path) holds no backup that was finished")
    }
    let manifest: BackupManifest
    do {
      manifest = try JSONDecoder().decode(BackupManifest.self, from: data)
    } catch {
      throw WrongInput("\(manifestPath) is no manifest of a backup: \(error)")
    }
    guard manifest.format <= BackupManifest.format else {
      throw WrongInput(
        "\(manifestPath) has format \(manifest.format), made by \(manifest.madeBy); this program knows \(BackupManifest.format)"
      )
    }
    return manifest
  }

  /// Written last: a backup without it was not finished.
  func write(_ manifest: BackupManifest) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try put(encoder.encode(manifest) + Data("\n".utf8), manifestPath)
  }

  /// For its owner only, whole or not at all, and on disk when this returns.
  func put(_ data: Data, _ file: String) throws {
    let unfinished = "\(file).writing"
    unlink(unfinished)
    let descriptor = open(unfinished, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw WrongInput("\(unfinished): \(String(cString: strerror(errno)))") }
    defer { close(descriptor) }
    guard Self.write(data, to: descriptor), fsync(descriptor) == 0, rename(unfinished, file) == 0 else {
      let words = String(cString: strerror(errno))
      unlink(unfinished)
      throw WrongInput("\(file) can't be written: \(words)")
    }
    // Its name is on disk once its folder is.
    let parent = (file as NSString).deletingLastPathComponent
    let directory = open(parent.isEmpty ? "." : parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    defer { close(directory) }
    guard directory >= 0, fsync(directory) == 0 else {
      throw WrongInput("\(parent) can't be flushed: \(String(cString: strerror(errno)))")
    }
  }

  /// One call writes 2 GiB at most.
  private static func write(_ data: Data, to descriptor: Int32) -> Bool {
    data.withUnsafeBytes { bytes in
      var written = 0
      while written < bytes.count {
        let more = Glibc.write(descriptor, bytes.baseAddress! + written, bytes.count - written)
        if more < 0, errno == EINTR { continue }
        guard more > 0 else { return false }
        written += more
      }
      return true
    }
  }

  /// Every row, checkpoint and the manifest's word for where each journal ends.
  func verified(_ tier: Tier, _ copy: BackupManifest.Copy) throws -> JournalCopy.Content {
    guard let head = copy.head else { throw WrongInput("\(manifestPath): the chain of \(tier.name) is no hash") }
    let content = try JournalCopy.verified(in: folder(of: tier), having: head)
    guard content.head.sequence >= head.sequence else {
      throw WrongInput(
        "the copy of \(tier.name) ends at row \(content.head.sequence), and the manifest says \(head.sequence)")
    }
    if let checkpoint = copy.checkpoint, content.damagedCheckpoints.contains(checkpoint) {
      throw WrongInput(
        "\(CheckpointFile.path(of: checkpoint, in: folder(of: tier))) is damaged, or of another journal. Without that file the rows are restored by themselves"
      )
    }
    guard !copy.contactKeys || access(contactKeys(of: tier), R_OK) == 0 else {
      throw WrongInput("\(contactKeys(of: tier)) is missing")
    }
    return content
  }

  /// What a copy lacks that can be done without; nil: nothing.
  func note(on tier: Tier, _ copy: BackupManifest.Copy, _ content: JournalCopy.Content) -> String? {
    guard let checkpoint = copy.checkpoint, !content.checkpoints.contains(checkpoint) else { return nil }
    return
      "the checkpoint of \(tier.name) at row \(checkpoint) is missing: its first start takes longer, and lacks nothing"
  }
}
