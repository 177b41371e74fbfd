import Machinery
import Messages
import SQLiteJournal
import Tiers

/// What happened in a time, for whoever keeps records elsewhere.
extension Historian {
  /// Lines of one answer: their text has at most some hundred bytes each.
  private static var linesAtMost: Int { 1_000 }
  private static var bytesAtMost: Int { 512 * 1_024 }

  /// The next lines of a time, all rows up to `sequence` included.
  func list(
    _ request: ListLinesRequest, through sequence: UInt64,
    then: @escaping @Sendable (Result<ListLinesReply, Refusal>) -> Void
  ) {
    queue.async { [self] in
      behind = max(behind, sequence)
      then(
        attempt {
          let index = try catchUp()
          guard let rows = try index.rows(since: request.sinceAt, until: request.untilAt) else {
            return ListLinesReply()
          }
          return try Self.page(of: index, rows, request)
        })
    }
  }

  private static func page(
    of index: HistoryIndex, _ rows: ClosedRange<UInt64>, _ request: ListLinesRequest
  ) throws -> ListLinesReply {
    let (found, through) = try index.wholeRows(
      after: max(request.after, rows.lowerBound - 1), through: rows.upperBound, linesAtMost: linesAtMost,
      bytesAtMost: bytesAtMost)
    var reply = ListLinesReply()
    for line in found where line.at >= request.sinceAt && line.at < request.untilAt {
      reply.lines.append(
        ListedLine(
          sequence: line.sequence, at: line.at, subject: line.subject, person: line.person, kind: line.kind,
          text: line.text))
    }
    reply.next = through < rows.upperBound ? through : 0
    return reply
  }
}
