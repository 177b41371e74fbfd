import Dispatch
import Machinery
import Messages
import SQLiteJournal
import Synchronization
import Tiers

/// Keeps the journal on a queue of its own, so that the loop goes on while a disk is slow.
final class JournalKeeper: @unchecked Sendable {
  // Sendable because `journal` is touched on `queue` only, once `open` has returned.

  /// What became of rows; told on the journal's queue.
  enum News: Sendable {
    case durable
    /// There is no room even without the reserve. The same rows are tried again until there is: nothing that was decided is
    /// given up.
    case full
    /// The process must end: what is in memory is ahead of the disk.
    case failed(JournalFailure)
  }
  /// How often a full disk is tried again.
  private static let patience = DispatchTimeInterval.milliseconds(200)

  private let journal: SQLiteJournal
  private let contactKeys: ContactKeys?
  /// Bytes that are free and not for new work.
  let reserveGivenUp = Atomic<UInt64>(0)
  private let queue = DispatchQueue(label: "journal", qos: .userInteractive)

  /// - Parameter contactKeys: kept before rows that they have sealed.
  init(_ journal: SQLiteJournal, contactKeys: ContactKeys?) {
    self.journal = journal
    self.contactKeys = contactKeys
    reserveGivenUp.store(journal.reserveGivenUp, ordering: .relaxed)
  }

  /// Appends in order. Folding the write-ahead log back comes after the news, so that nobody waits for it.
  func append(_ rows: [Row], tell: @escaping @Sendable (News) -> Void) {
    queue.async { [self] in
      guard attempt(rows, tell) else { return }
      do throws(JournalFailure) {
        try journal.checkpointWriteAheadLog()
        journal.restoreReserve()
      } catch .full {
        _ = journal.giveUpReserve()
      } catch {
        tell(.failed(error))
      }
      noteReserve()
    }
  }

  private func noteReserve() { reserveGivenUp.store(journal.reserveGivenUp, ordering: .relaxed) }

  private func attempt(_ rows: [Row], _ tell: @escaping @Sendable (News) -> Void) -> Bool {
    do throws(JournalFailure) {
      try keep(rows)
      tell(.durable)
      return true
    } catch .full where journal.giveUpReserve() {
      noteReserve()
      return attempt(rows, tell)
    } catch .full {
      tell(.full)
      queue.asyncAfter(deadline: .now() + Self.patience) { [self] in _ = attempt(rows, tell) }
    } catch {
      tell(.failed(error))
    }
    return false
  }

  private func keep(_ rows: [Row]) throws(JournalFailure) {
    try contactKeys?.keep()
    try journal.append(rows)
  }
}
