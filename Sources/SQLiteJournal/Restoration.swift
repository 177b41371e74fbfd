import CSQLite
import Glibc
import Machinery
import Messages

/// Puts a backup's journal in the place of one that is lost, never in that of one which knows more.
public struct Restoration {
  /// What became of what was there.
  public struct Outcome: Sendable {
    public var restored: JournalCopy.Content
    /// Where an older or unreadable journal lies now; nil: there was none.
    public var setAside: String?
    /// How many rows that one had, as far as can be told, which the backup doesn't have.
    public var rowsGivenUp: UInt64
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

  /// - Parameter givesUpNewer: go on although what is there knows more than the backup, or can't be read; it is set aside.
  /// - Throws: `.locked` while the tier runs; `.tooNew` when what is there knows more.
  public func run(givesUpNewer: Bool) throws(JournalFailure) -> Outcome {
    let content = try JournalCopy.verified(in: backup)
    try Folder.prepare(directory)
    let lock = try LockFile("\(directory)/journal.lock")
    var outcome = Outcome(restored: content, setAside: nil, rowsGivenUp: 0)
    let path = JournalCopy.path(in: directory)
    if access(path, F_OK) == 0 {
      let found = try? existing(path)
      let end = max(found?.head.sequence ?? 0, lock.noted)
      outcome.rowsGivenUp = end - min(end, content.head.sequence)
      var isPrefix = false
      if let found { isPrefix = try isPart(found.head) }
      guard givesUpNewer || (isPrefix && outcome.rowsGivenUp == 0) else {
        throw .tooNew(refusal(found?.head, end: end, content, isPrefix: isPrefix))
      }
      outcome.setAside = try setAside(end)
    } else if lock.noted > content.head.sequence {
      // The disk has kept the note and not the journal.
      outcome.rowsGivenUp = lock.noted - content.head.sequence
    }
    try copyJournal(to: path)
    for sequence in content.checkpoints {
      try copy(
        CheckpointFile.path(of: sequence, in: backup), to: CheckpointFile.path(of: sequence, in: directory))
    }
    guard Folder.flush(directory) else { throw failure(directory) }
    lock.note(content.head.sequence)
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

  /// Nothing of it is deleted but what is made from it.
  private func setAside(_ end: UInt64) throws(JournalFailure) -> String {
    var number = 0
    var folder: String
    repeat {
      number += 1
      folder = "\(directory)/before-restore-\(end)\(number == 1 ? "" : "-\(number)")"
    } while access(folder, F_OK) == 0
    guard mkdir(folder, 0o700) == 0 else { throw failure(folder) }
    for name in ["journal.db", "journal.db-wal", "journal.db-shm"]
      + CheckpointFile.sequences(in: directory).map({ "checkpoint-\($0)" })
    {
      guard rename("\(directory)/\(name)", "\(folder)/\(name)") == 0 || errno == ENOENT else { throw failure(name) }
    }
    for suffix in ["", "-wal", "-shm"] { unlink("\(directory)/history.db\(suffix)") }
    return folder
  }

  /// Under another name until it is whole and marked.
  private func copyJournal(to path: String) throws(JournalFailure) {
    let unfinished = "\(path).restoring"
    try copy(JournalCopy.path(in: backup), to: unfinished)
    do {
      let connection = try Connection(unfinished)
      try connection.run("PRAGMA synchronous=FULL")
      try RestoredMark.put(connection)
    }
    guard rename(unfinished, path) == 0 else { throw failure(path) }
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
