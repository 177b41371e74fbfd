import Dispatch
import Logging
import Machinery
import Messages
import SQLiteJournal
import Synchronization
import Tiers
import Wire

/// Follows the journal beside the loop and keeps the history index, from which questions about the past are answered.
final class Historian<Rules: Machine>: @unchecked Sendable {
  // Sendable because everything but constants and atomics is touched on `queue` only; `listings` on the loop only.

  private let tier: Tier<Rules>
  private let directory: String
  private let log: Logger
  let queue = QuietQueue("history")
  /// Rehearsals take seconds, for which questions about one incident would wait.
  private let rehearsals = QuietQueue("rehearsals")
  private var index: HistoryIndex?
  private var reader: SQLiteJournalReader?
  var behind: UInt64 = 0
  /// Rows up to here are durable, as the loop says.
  private let durable = Atomic<UInt64>(0)
  private let isFollowing = Atomic(false)
  /// Whether history could be written when it was last tried; what fails is not tried after each commit.
  private let isWell = Atomic(true)
  /// Of a tier without history only the audit is asked, which catches up first: so many rows may wait for that once there is little
  /// to do, and so many in any case. Measured: catching up while thousands of alerts a second come takes a third of what is taken of them.
  private static var rowsUnfollowed: UInt64 { 20_000 }
  private static var rowsUnfollowedAtMost: UInt64 { 200_000 }
  /// More new rows than these since the last look, a fifth of a second ago, are much to do.
  private static var rowsWhenBusy: UInt64 { 200 }
  private var lookedAt: UInt64 = 0
  /// How many exports wait for a page: so few that a timeline waits for as many pages at most.
  var listings = 0
  static var listingsAtMost: Int { 3 }
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

  /// Rows up to here are durable. Catching up happens by itself a little later, in pages. Told of each commit, it wakes nobody for most.
  func follow(through sequence: UInt64) {
    durable.store(sequence, ordering: .releasing)
    guard !isFollowing.exchange(true, ordering: .acquiringAndReleasing) else { return }
    let pause = isWell.load(ordering: .relaxed) ? DispatchTimeInterval.milliseconds(200) : .seconds(10)
    queue.async(after: pause) { [self] in
      _ = isFollowing.exchange(false, ordering: .acquiringAndReleasing)
      behind = max(behind, durable.load(ordering: .acquiring))
      guard hasHistory || isLeisure() else { return }
      isWell.store((try? attempt { try catchUp() }.get()) != nil, ordering: .relaxed)
      forget()
    }
  }

  private func isLeisure() -> Bool {
    defer { lookedAt = behind }
    let unfollowed = behind - min(behind, index?.through ?? 0)
    return unfollowed >= Self.rowsUnfollowedAtMost
      || unfollowed >= Self.rowsUnfollowed && behind - min(behind, lookedAt) <= Self.rowsWhenBusy
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
