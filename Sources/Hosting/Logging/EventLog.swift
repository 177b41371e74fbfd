import Bus
import Dispatch
import Logging
import Machinery
import Messages
import SQLiteJournal
import Synchronization
import Tiers

/// What happens to alerts, a line each, once it is on disk: read back from the journal beside the loop, by a thread that gives
/// way to it, so that neither an answer nor a page waits for the log.
///
/// What a process had not logged when it ended is in the journal, and in the timeline; the log goes on with what comes after.
final class EventLog<Rules: Machine>: @unchecked Sendable {
  // Sendable because all that isn't constant or atomic is touched by its one thread only.

  private let tier: Tier<Rules>
  private let directory: String
  private let log: Logger
  /// Rows up to here are durable, and wait to be read or have been.
  private let durable: Atomic<UInt64>
  /// Between a commit and the thread's beginning to read: what is committed meanwhile is read with it.
  private let isAwaited = Atomic(false)
  private let work = DispatchSemaphore(value: 0)
  private var reader: SQLiteJournalReader?
  private var logged: UInt64
  /// Whether it was told already that events can't be read.
  private var hasFailed = false

  /// Nil where nobody wants to know: below info.
  init?(_ tier: Tier<Rules>, directory: String, after sequence: UInt64, log: Logger) {
    guard log.logLevel <= .info else { return nil }
    self.tier = tier
    self.directory = directory
    self.log = log
    logged = sequence
    durable = Atomic(sequence)
    let begins = detachThread(named: "event log", givesWay: true) { [self] in
      while true {
        work.wait()
        isAwaited.store(false, ordering: .sequentiallyConsistent)
        catchUp()
      }
    }
    if !begins { log.error("events are not logged: the system has no thread for it") }
  }

  /// Rows up to here are durable. Called on the loop.
  func follow(through sequence: UInt64) {
    durable.store(sequence, ordering: .sequentiallyConsistent)
    if !isAwaited.exchange(true, ordering: .sequentiallyConsistent) { work.signal() }
  }

  // MARK: On its thread

  private func catchUp() {
    do {
      try read(through: durable.load(ordering: .sequentiallyConsistent))
      if hasFailed { log.notice("events are logged again") }
      hasFailed = false
    } catch {
      reader = nil
      if !hasFailed { log.error("events are not logged: \(error)") }
      hasFailed = true
    }
  }

  private func read(through sequence: UInt64) throws {
    while logged < sequence {
      let reader = try self.reader ?? SQLiteJournalReader(directory: directory)
      self.reader = reader
      let rows = try reader.rows(after: logged, limit: 1_000, bytesAtMost: 8 * 1_024 * 1_024)
      guard !rows.isEmpty else { return }
      for stored in rows {
        logged = stored.sequence
        for fact in try tier.codec.decode(stored.row.body).facts {
          if let event = tier.logged(fact) { tell(event) }
        }
      }
    }
  }

  private func tell(_ event: LoggedEvent) {
    var about: Logger.Metadata = ["trace": "\(event.trace)", "event": "\(event.event)"]
    if !event.person.isEmpty { about["person"] = "\(event.person)" }
    log.info("\(event.words)", metadata: about)
  }
}
