import Dispatch
import Logging
import Machinery
import Messages
import SQLiteJournal
import Tiers

/// What happens to alerts, a line each, once it is on disk: read back from the journal beside the loop, so that neither an answer
/// nor a page waits for whoever reads the log.
///
/// What a process had not logged when it ended is in the journal, and in the timeline; the log goes on with what comes after.
final class EventLog<Rules: Machine>: @unchecked Sendable {
  // Sendable because everything but constants is touched on `queue` only.

  private let tier: Tier<Rules>
  private let directory: String
  private let log: Logger
  private let queue = DispatchQueue(label: "event log", qos: .utility)
  private var reader: SQLiteJournalReader?
  private var logged: UInt64

  /// Nil where nobody wants to know: below info.
  init?(_ tier: Tier<Rules>, directory: String, after sequence: UInt64, log: Logger) {
    guard log.logLevel <= .info else { return nil }
    self.tier = tier
    self.directory = directory
    self.log = log
    logged = sequence
  }

  /// Rows up to here are durable.
  func follow(through sequence: UInt64) {
    queue.async { [self] in
      do {
        try read(through: sequence)
      } catch {
        reader = nil
        log.error("events are not logged: \(error)")
      }
    }
  }

  private func read(through sequence: UInt64) throws {
    while logged < sequence {
      let reader = try self.reader ?? SQLiteJournalReader(directory: directory)
      self.reader = reader
      let rows = try reader.rows(after: logged, limit: 1_000)
      guard let last = rows.last else { return }
      logged = last.sequence
      for stored in rows {
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
