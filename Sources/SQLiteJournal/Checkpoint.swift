import Machinery
import Messages

/// A checkpoint file that was whole when it was looked at; its entries are read again one by one, never all in memory.
public struct Checkpoint: Sendable {
  public let head: JournalHead
  /// How many entries it has.
  public let count: Int
  let path: String

  /// Entries' bodies in order.
  ///
  /// - Throws: `JournalFailure` when the file can't be read any more as it was: what was folded so far must not be used.
  public func forEach(_ take: ([UInt8]) throws -> Void) throws {
    guard let reader = CheckpointReader(path), reader.header() != nil else { throw damaged }
    for _ in 0..<count {
      guard let body = reader.body() else { throw damaged }
      try take(body)
    }
  }

  private var damaged: JournalFailure {
    .damaged(sequence: head.sequence, "\(path) can't be read any more; start again, then an older one is used")
  }
}
