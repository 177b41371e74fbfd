import CSQLite
import Glibc
import Machinery
import Messages

/// Puts a backup's journal in the place of one that is lost, never in that of one which knows more.
public struct Restoration {
  /// What became of what was there.
  public struct Outcome: Sendable {
    public var restored: JournalCopy.Content
    /// Where an older or unreadable journal lies now, or what there still was of one; nil: there was nothing.
    public var setAside: String?
    /// How many rows that one had, as far as can be told, which the backup doesn't have.
    public var rowsGivenUp: UInt64
  }
  /// What has just been done, in order. A process that ends there leaves a tier that refuses to start, or starts with one of the two
  /// journals and nothing of the other; and the restore can be run again.
  public enum Step: CaseIterable, Sendable {
    case logIsAside, journalIsAside, allIsAside, isCopied, isNoted, isNamed, isDone
  }
  private let backup: String
  private let directory: String

  /// - Parameters:
  ///   - backup: the folder of one tier in a backup.
  ///   - directory: the tier's `--data`; made if missing.
  public init(of backup: String, into directory: String) {
    self.backup = backup
    self.directory = directory
  }

  /// - Parameters:
  ///   - givesUpNewer: go on although what is there knows more than the backup, or can't be read; it is set aside.
  ///   - reached: told of each step; what it throws ends the restore there.
  /// - Throws: `.locked` while the tier runs; `.tooNew` when what is there knows more.
  public func run(
    givesUpNewer: Bool, reached: (Step) throws(JournalFailure) -> Void = { _ in }
  ) throws(JournalFailure) -> Outcome {
    let content = try JournalCopy.verified(in: backup)
    try Folder.prepare(directory)
    let lock = try LockFile("\(directory)/journal.lock")
    var outcome = Outcome(restored: content, setAside: nil, rowsGivenUp: 0)
    let path = JournalCopy.path(in: directory)
    var end = lock.noted
    if access(path, F_OK) == 0 {
      let found = try? existing(path)
      end = max(found?.head.sequence ?? 0, lock.noted)
      var isPrefix = false
      if let found { isPrefix = try isPart(found.head) }
      guard givesUpNewer || (isPrefix && end <= content.head.sequence) else {
        throw .tooNew(refusal(found?.head, end: end, content, isPrefix: isPrefix))
      }
    }
    // Where the journal is gone, the disk may have kept the note of how far it had come.
    outcome.rowsGivenUp = end - min(end, content.head.sequence)
    outcome.setAside = try setAside(end, reached)
    try reached(.allIsAside)
    let unfinished = try copyJournal(beside: path)
    try reached(.isCopied)
    // Before the file has its name: a note of rows that are given up would keep the tier from starting.
    guard lock.note(durably: content.head.sequence) else { throw failure("\(directory)/journal.lock") }
    try reached(.isNoted)
    guard rename(unfinished, path) == 0 else { throw failure(path) }
    try reached(.isNamed)
    for sequence in content.checkpoints {
      try copy(
        CheckpointFile.path(of: sequence, in: backup), to: CheckpointFile.path(of: sequence, in: directory))
    }
    guard Folder.flush(directory) else { throw failure(directory) }
    try reached(.isDone)
    return outcome
  }

  private func existing(_ path: String) throws(JournalFailure) -> (head: JournalHead, at: Instant?) {
    let connection = try Connection(path, readOnly: true)
    return (try RowReader(connection).verify(after: .empty), try SQLiteJournal.lastRowAt(connection))
  }

  /// Whether the backup has the same rows up to where the other journal ends.
  private func isPart(_ head: JournalHead) throws(JournalFailure) -> Bool {
    guard head.sequence > 0 else { return true }
    let connection = try Connection(JournalCopy.path(in: backup), readOnly: true)
    return try RowReader(connection).chain(at: head.sequence) == head.chain
  }

  private func refusal(_ head: JournalHead?, end: UInt64, _ content: JournalCopy.Content, isPrefix: Bool) -> String {
    let backup = "the backup ends at row \(content.head.sequence)"
    guard let head else {
      return
        "the journal in \(directory) can't be read, and has come to row \(end) at least; \(backup). --give-up-newer sets it aside"
    }
    if head.sequence > content.head.sequence {
      return
        "the journal in \(directory) has \(head.sequence) rows and is whole; \(backup). Start the tier as it is. --give-up-newer sets it aside and gives up \(end - content.head.sequence) rows"
    }
    if !isPrefix {
      return
        "the journal in \(directory) is another one than the backup's: they differ by row \(head.sequence). --give-up-newer sets it aside"
    }
    return
      "the journal in \(directory) ends at row \(head.sequence) and has once come to row \(end); \(backup). --give-up-newer gives up \(end - content.head.sequence) rows"
  }

  /// Whatever SQLite or a start would take for a part of the restored journal, whether or not there is a journal: the log of an older
  /// one is replayed into the file that has its name, and a checkpoint beyond the last row keeps a tier from starting. The logs go
  /// before their journal, so that none is ever there alone. Nothing is deleted but what is made from it.
  ///
  /// - Returns: where it lies now; nil: there was nothing.
  private func setAside(
    _ end: UInt64, _ reached: (Step) throws(JournalFailure) -> Void
  ) throws(JournalFailure) -> String? {
    let path = JournalCopy.path(in: directory)
    for suffix in ["", "-wal", "-shm"] { unlink("\(directory)/history.db\(suffix)") }
    unlink("\(path)-shm")
    // Whoever looks into a journal leaves an empty log behind.
    var status = stat()
    if stat("\(path)-wal", &status) == 0, status.st_size == 0 { unlink("\(path)-wal") }
    let names =
      ["journal.db-wal", "journal.db-journal", "journal.db"]
      + CheckpointFile.sequences(in: directory).map { "checkpoint-\($0)" }
    let found = names.filter { access("\(directory)/\($0)", F_OK) == 0 }
    let folder = found.isEmpty ? nil : try folderAside(end, for: found)
    for name in names {
      if let folder, found.contains(name) {
        guard rename("\(directory)/\(name)", "\(folder)/\(name)") == 0 else { throw failure(name) }
      }
      if name == "journal.db-journal" { try reached(.logIsAside) }
      if name == "journal.db" { try reached(.journalIsAside) }
    }
    if let folder { guard Folder.flush(folder) else { throw failure(folder) } }
    guard Folder.flush(directory) else { throw failure(directory) }
    return folder
  }

  /// The first that has none of these: a restore that was cut short goes on with the folder that it had begun.
  private func folderAside(_ end: UInt64, for names: [String]) throws(JournalFailure) -> String {
    var number = 0
    var folder: String
    repeat {
      number += 1
      folder = "\(directory)/before-restore-\(end)\(number == 1 ? "" : "-\(number)")"
    } while names.contains { access("\(folder)/\($0)", F_OK) == 0 }
    guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw failure(folder) }
    return folder
  }

  /// Under another name until it is whole and marked.
  private func copyJournal(beside path: String) throws(JournalFailure) -> String {
    let unfinished = "\(path).restoring"
    // Of a restore that was cut short: its log would be taken for this file's.
    unlink("\(unfinished)-journal")
    try copy(JournalCopy.path(in: backup), to: unfinished)
    let connection = try Connection(unfinished)
    try connection.run("PRAGMA synchronous=FULL")
    try RestoredMark.put(connection)
    return unfinished
  }

  private func copy(_ from: String, to: String) throws(JournalFailure) {
    unlink(to)
    let source = open(from, O_RDONLY | O_CLOEXEC)
    guard source >= 0 else { throw failure(from) }
    defer { close(source) }
    let target = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard target >= 0 else { throw failure(to) }
    defer { close(target) }
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = read(source, &buffer, buffer.count)
      guard count >= 0 else { throw failure(from) }
      if count == 0 { break }
      var written = 0
      while written < count {
        let more = buffer[written..<count].withUnsafeBytes { write(target, $0.baseAddress, $0.count) }
        guard more > 0 else { throw failure(to) }
        written += more
      }
    }
    guard fsync(target) == 0 else { throw failure(to) }
  }

  private func failure(_ path: String) -> JournalFailure {
    let words = "\(path): \(String(cString: strerror(errno)))"
    return errno == ENOSPC || errno == EDQUOT ? .full(words) : .broken(words)
  }
}
