import Dispatch
import Machinery
import Messages
import SQLiteJournal

/// Keeps the journal on a queue of its own, so that the loop goes on while a disk is slow.
final class JournalKeeper: @unchecked Sendable {
  // Sendable because `journal` is touched on `queue` only, once `open` has returned.

  private let journal: SQLiteJournal
  private let queue = DispatchQueue(label: "journal", qos: .userInteractive)

  init(_ journal: SQLiteJournal) {
    self.journal = journal
  }

  /// Appends in order; says on the journal's queue how it ended. A full disk gives up its reserve and tries once more.
  func append(_ rows: [Row], then: @escaping @Sendable (Result<Void, JournalFailure>) -> Void) {
    queue.async { [self] in
      do throws(JournalFailure) {
        do throws(JournalFailure) {
          try journal.append(rows)
        } catch .full {
          journal.releaseBallast()
          try journal.append(rows)
        }
        then(.success(()))
      } catch {
        then(.failure(error))
      }
      try? journal.checkpointWriteAheadLog()
    }
  }
}
