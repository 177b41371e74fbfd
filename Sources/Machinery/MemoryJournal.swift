import Messages

/// A journal in memory, for tests and the simulation: it keeps the same promises as the one on disk, and on request breaks
/// them the way disks do.
///
/// What survives a crash is the `Platter`, a value: a restarted tier opens a new journal on the platter that `crash` gave.
/// `append` writes and flushes; a simulation that wants time between the two calls `write` and `flush` itself.
public final class MemoryJournal: Journal {
  /// The next write fails in this way. After `.broken` every write fails, and rows of the failed one may or may not be on
  /// disk: they count as written and not flushed.
  public var failNext: JournalFailure?

  private var platter: Platter
  private var flushedBatches: Int
  private var ended: JournalFailure?

  public init(on platter: Platter = Platter()) {
    self.platter = platter
    flushedBatches = platter.batchEnds.count
  }

  public var head: JournalHead { platter.head(afterBatches: flushedBatches) }

  public func append(_ rows: [Row]) throws(JournalFailure) {
    try write(rows)
    flush()
  }

  public func rows(after sequence: UInt64, limit: Int) throws(JournalFailure) -> [StoredRow] {
    try platter.rows(after: sequence, through: head.sequence, limit: limit)
  }

  /// Writes rows that a crash can still take away.
  public func write(_ rows: [Row]) throws(JournalFailure) {
    if let ended { throw ended }
    guard !rows.isEmpty else { return }
    if let failure = failNext {
      failNext = nil
      if case .broken = failure {
        ended = failure
        platter.append(rows)
      }
      throw failure
    }
    platter.append(rows)
  }

  /// Makes everything written durable.
  public func flush() {
    guard ended == nil else { return }
    flushedBatches = platter.batchEnds.count
    platter.note(flushedBatches: flushedBatches)
  }

  /// How many batches are written and not flushed.
  public var unflushedBatches: Int { platter.batchEnds.count - flushedBatches }

  /// The process dies. What is left: what was flushed, and of what was only written the first `keeping` batches. A lying
  /// disk said durable and loses the last `losing` batches all the same. A batch is kept or lost as a whole.
  public func crash(keepingUnflushed keeping: Int = 0, losingFlushed losing: Int = 0) -> Platter {
    var left = platter
    let flushed = flushedBatches
    platter = Platter()
    flushedBatches = 0
    ended = .broken("this journal's process has died")
    let kept = min(left.batchEnds.count, flushed + keeping)
    left.keepBatches(max(0, kept - losing))
    return left
  }
}
