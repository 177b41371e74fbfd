import Machinery
import Messages

/// Lines a page at a time, for whoever reads all of them.
extension HistoryIndex {
  /// Lines of the next rows, of one subject or (empty) of all, and the row up to which they are all there are. Rows are whole: the
  /// reader goes on after a row, so what a page can't hold waits together with its row. The first row comes whatever it has.
  public func wholeRows(
    of subject: String = "", after sequence: UInt64, through last: UInt64, linesAtMost: Int, bytesAtMost: Int = .max
  ) throws(JournalFailure) -> (lines: [Line], through: UInt64) {
    let found = try lines(of: subject, after: sequence, through: last, limit: linesAtMost + 1)
    guard let first = found.first?.sequence else { return ([], last) }
    var bytes = 0
    for (place, line) in found.enumerated() {
      bytes += line.text.utf8.count + line.subject.utf8.count + line.person.utf8.count + 64
      guard line.sequence > first, bytes > bytesAtMost || place == linesAtMost else { continue }
      return (found.filter { $0.sequence < line.sequence }, line.sequence - 1)
    }
    guard found.count > linesAtMost else { return (found, last) }
    return (try lines(of: subject, after: first - 1, through: first, limit: .max), first)
  }
}
