import Messages

/// Rows under headings, each column as wide as its widest cell.
struct Table {
  private var rows: [[String]]
  /// A cell wider than this is cut: a summary of a kilobyte would push everything else off the screen. The last column has
  /// nothing behind it.
  private static let widestCell = 72
  private static let widestLastCell = 120

  init(_ headings: String...) {
    rows = [headings]
  }

  init(headings: [String]) {
    rows = [headings]
  }

  mutating func add(_ cells: String...) {
    add(cells)
  }

  mutating func add(_ cells: [String]) {
    rows.append(
      cells.enumerated().map { column, cell in
        SafeText.cut(
          SafeText.line(cell), to: column == rows[0].count - 1 ? Table.widestLastCell : Table.widestCell)
      })
  }

  var isEmpty: Bool { rows.count == 1 }

  /// The headings and rows; instead of nothing but headings, `otherwise`.
  func print(otherwise: String) {
    guard !isEmpty else {
      Swift.print(otherwise)
      return
    }
    let widths = rows[0].indices.map { column in
      rows.map { $0.indices.contains(column) ? SafeText.width($0[column]) : 0 }.max() ?? 0
    }
    for row in rows {
      var line = ""
      for (column, cell) in row.enumerated() {
        line += cell
        if column < row.count - 1 {
          line += String(repeating: " ", count: widths[column] - SafeText.width(cell) + 2)
        }
      }
      while line.last == " " { line.removeLast() }
      Swift.print(line)
    }
  }
}
