import Dispatch
import Logging
import Machinery
import Messages
import SQLiteJournal
import Tiers
import Wire

/// Follows the journal beside the loop and keeps the history index, from which questions about the past are answered.
final class Historian<Rules: Machine>: @unchecked Sendable {
  // Sendable because everything but constants is touched on `queue` only; `isListing` on the loop only.

  private let tier: Tier<Rules>
  private let directory: String
  private let log: Logger
  let queue = QuietQueue("history")
  /// Rehearsals take seconds, for which questions about one incident would wait.
  private let rehearsals = QuietQueue("rehearsals")
  private var index: HistoryIndex?
  private var reader: SQLiteJournalReader?
  var behind: UInt64 = 0
  private var isFollowing = false
  /// Whether history could be written when it was last tried; what fails is not tried after each commit.
  private var isWell = true
  /// Of a tier without history only the audit is asked, which catches up first: so many rows may wait for that.
  private static var rowsUnfollowed: UInt64 { 20_000 }
  /// One export at a time is answered, so that a timeline waits for one page at most.
  var isListing = false
  /// For how long after its end an incident stays; nil: for ever.
  private let keeping: Span?
  private var lastRowAt = Instant.unset
  private var forgotAt = Instant.unset

  init(_ tier: Tier<Rules>, directory: String, keeping: Span? = nil, log: Logger) {
    self.keeping = keeping
    self.tier = tier
    self.directory = directory
    self.log = log
  }

  /// Rows up to here are durable. Catching up happens by itself a little later, in pages.
  func follow(through sequence: UInt64) {
    queue.async { [self] in
      behind = max(behind, sequence)
      guard !isFollowing else { return }
      isFollowing = true
      queue.async(after: isWell ? .milliseconds(200) : .seconds(10)) { [self] in
        isFollowing = false
        guard hasHistory || behind >= (index?.through ?? 0) + Self.rowsUnfollowed else { return }
        isWell = (try? attempt { try catchUp() }.get()) != nil
        forget()
      }
    }
  }

  /// What is known of a subject, and of further things, all rows up to `sequence` included.
  func past(
    of subject: String, and things: [String], through sequence: UInt64,
    then: @escaping @Sendable (Result<Past, Refusal>) -> Void
  ) {
    queue.async { [self] in
      behind = max(behind, sequence)
      then(
        attempt {
          let index = try catchUp()
          var known: [String: [UInt8]] = [:]
          for id in things { known[id] = try index.thing(id) }
          return Past(
            lines: try index.lines(subject: subject).map { HistoryLine($0) }, remembered: try index.thing(subject),
            things: known)
        })
    }
  }

  /// The next lines of a subject (empty: of all) after one row and up to another, those of a row together. When history can't
  /// be read the page is empty and ends where it began.
  func lines(
    of subject: String, after: UInt64, through sequence: UInt64, then: @escaping @Sendable (HistoryPage) -> Void
  ) {
    queue.async { [self] in
      behind = max(behind, sequence)
      let found = attempt {
        let index = try catchUp()
        let end = min(sequence, index.through)
        guard end > after else { return HistoryPage([], through: after) }
        let (lines, through) = try index.wholeRows(
          of: subject, after: after, through: end, linesAtMost: HistoryPage.lines)
        return HistoryPage(lines.map { HistoryLine($0) }, through: through)
      }
      then((try? found.get()) ?? HistoryPage([], through: after))
    }
  }

  /// What was counted, all rows up to `sequence` included.
  func figures(
    _ request: FiguresRequest, through sequence: UInt64,
    answer: @escaping @Sendable (FiguresRequest, HistoryFigures) -> [UInt8],
    then: @escaping @Sendable (Result<[UInt8], Refusal>) -> Void
  ) {
    queue.async { [self] in
      behind = max(behind, sequence)
      then(
        attempt {
          let figures = try catchUp().figures(
            from: request.fromAt, until: request.untilAt, team: request.team, byWeek: request.byWeek,
            noisiest: Int(request.noisiest))
          return answer(request, figures)
        })
    }
  }

  /// Recorded incidents happen again, all rows up to `sequence` included.
  func rehearse(
    _ prepared: PreparedRehearsal, through sequence: UInt64,
    then: @escaping @Sendable (Result<[UInt8], Refusal>) -> Void
  ) {
    queue.async { [self] in
      behind = max(behind, sequence)
      let (from, until, team) = (prepared.from, prepared.until, prepared.team)
      let read = attempt {
        let index = try catchUp()
        return (
          try index.recorded(from: from, until: until, team: team, deedsAtMost: prepared.deedsAtMost),
          try index.figures(from: from, until: until, team: team, byWeek: false, noisiest: 1)
        )
      }
      rehearsals.async {
        then(
          read.flatMap { recorded, figures in Result { () throws(Refusal) in try prepared.answer(recorded, figures) } })
      }
    }
  }

  /// Once an hour of the journal's own time, until there is nothing more to drop.
  private func forget() {
    guard let keeping, let index, lastRowAt.isSet, lastRowAt >= forgotAt + .hours(1) || !forgotAt.isSet else { return }
    let limit = 1_000
    do {
      let count = try index.forget(endedBefore: lastRowAt - keeping, limit: limit)
      if count > 0 { log.info("\(count) incidents, parts of them and strays left history") }
      if count < limit { forgotAt = lastRowAt }
    } catch {
      log.error("history keeps what is too old: \(error)")
    }
  }

  /// Of other tiers only the audit is asked, for which nothing else of a row is decoded.
  private var hasHistory: Bool { !tier.pastQueries.isEmpty }

  /// With the index as far as it goes, and what reads the journal, on history's thread.
  func look<Value: Sendable>(
    through sequence: UInt64, _ body: @escaping @Sendable (HistoryIndex, SQLiteJournalReader) throws -> Value,
    then: @escaping @Sendable (Result<Value, Refusal>) -> Void
  ) {
    queue.async { [self] in
      behind = max(behind, sequence)
      then(
        attempt {
          let index = try catchUp()
          guard let reader else { throw JournalFailure.broken("no reader") }
          return try body(index, reader)
        })
    }
  }

  func attempt<Value>(_ body: () throws -> Value) -> Result<Value, Refusal> {
    do {
      return .success(try body())
    } catch {
      log.error("history: \(error)")
      index = nil
      reader = nil
      return .failure(Refusal(.unavailable, "history can't be read now"))
    }
  }

  func catchUp() throws -> HistoryIndex {
    let reader = try self.reader ?? SQLiteJournalReader(directory: directory)
    let index = try self.index ?? HistoryIndex(directory: directory) { try? reader.head(at: $0) }
    self.index = index
    self.reader = reader
    while index.through < behind {
      let rows = try reader.rows(after: index.through, limit: 1_000, bytesAtMost: 8 * 1_024 * 1_024)
      guard let last = rows.last else { break }
      var lines: [HistoryIndex.Line] = []
      var things: [HistoryIndex.Thing] = []
      var tallies: [IncidentTally] = []
      var deeds: [RecordedDeed] = []
      var audited: [HistoryIndex.Audited] = []
      for stored in rows {
        if let record = try AuditRecord(inRow: stored.row.body) { audited.append(.init(record, stored)) }
        guard hasHistory else { continue }
        let entry = try tier.codec.decode(stored.row.body)
        for fact in entry.facts {
          lines += tier.lines(fact, entry.at, stored.sequence).map { HistoryIndex.Line($0) }
          tallies += tier.tallies(fact, entry.at)
          if let deed = tier.deed(fact, entry.at) { deeds.append(deed) }
          if let (id, body) = tier.remembered(fact) { things.append(.init(id: id, body: body)) }
        }
      }
      guard let head = try reader.head(at: last.sequence) else { break }
      lastRowAt = max(lastRowAt, last.row.at)
      try index.record(lines, things, tallies, deeds, audited, through: head)
    }
    return index
  }
}

/// Some lines of history, and the row up to which they are all there are.
struct HistoryPage: Sendable {
  /// How many lines are read at once, unless one row has more.
  static let lines = 2_000

  var lines: [HistoryLine]
  var through: UInt64

  init(_ lines: [HistoryLine], through: UInt64) {
    self.lines = lines
    self.through = through
  }
}

extension HistoryLine {
  init(_ line: HistoryIndex.Line) {
    self.init(
      sequence: line.sequence, at: line.at, subject: line.subject, person: line.person, kind: line.kind, text: line.text
    )
  }
}

extension HistoryIndex.Line {
  fileprivate init(_ line: HistoryLine) {
    self.init(
      sequence: line.sequence, at: line.at, subject: line.subject, person: line.person, kind: line.kind, text: line.text
    )
  }
}
