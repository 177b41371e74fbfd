import Messages

/// An append-only table of what a tier knows. Appending returns after the rows are durable.
///
/// Not thread-safe: one owner appends and reads its head. Conformers: `SQLiteJournal`, `MemoryJournal`.
public protocol Journal: AnyObject {
  /// The last durable row.
  var head: JournalHead { get }

  /// Appends all rows, in order, as one durable transaction: all of them or none. Rows are numbered on from the head.
  func append(_ rows: [Row]) throws(JournalFailure)

  /// Durable rows after a sequence number, verified (CRC and chain), at most `limit`.
  func rows(after sequence: UInt64, limit: Int) throws(JournalFailure) -> [StoredRow]
}

/// A row before it has a number: one Entry of the tier, encoded.
public struct Row: Hashable, Sendable {
  public var at: Instant
  public var kind: RowKind
  public var body: [UInt8]

  public init(at: Instant, kind: RowKind = .entry, body: [UInt8]) {
    self.at = at
    self.kind = kind
    self.body = body
  }
}

/// What a row's body is. A number that isn't here was written by a newer program, and the older one refuses to run.
public enum RowKind: UInt8, Hashable, Sendable, CaseIterable {
  case entry = 1
}

/// A row as the journal has it.
public struct StoredRow: Hashable, Sendable {
  public var sequence: UInt64
  public var row: Row

  public init(sequence: UInt64, row: Row) {
    self.sequence = sequence
    self.row = row
  }
}

/// Where a journal ends: the number of its last row and the hash that chains all rows up to it.
public struct JournalHead: Hashable, Sendable {
  public var sequence: UInt64
  public var chain: ChainHash

  public static let empty = JournalHead(sequence: 0, chain: .genesis)

  public init(sequence: UInt64, chain: ChainHash) {
    self.sequence = sequence
    self.chain = chain
  }
}

/// Why a journal cannot go on, and what its owner must do about it.
public enum JournalFailure: Error, Hashable, Sendable {
  /// No space: nothing was written, trying again may help.
  case full(String)
  /// Something else uses this journal.
  case locked(String)
  /// Rows are not what was written.
  case damaged(sequence: UInt64, String)
  /// Written by a program that knows more than this one.
  case tooNew(String)
  /// The disk failed: the owner must end without another reply and start again from what is on disk.
  case broken(String)
}

extension JournalFailure {
  /// What an operator reads.
  public var words: String {
    switch self {
    case .full(let words): "the disk is full: \(words)"
    case .locked(let words), .damaged(_, let words), .tooNew(let words), .broken(let words): words
    }
  }
}
