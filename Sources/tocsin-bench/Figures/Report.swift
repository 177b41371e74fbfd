import Foundation

/// All figures of a run, for people or for scripts.
struct Report {
  private(set) var figures: [Figure] = []
  private(set) var remarks: [String] = []

  mutating func add(_ figure: Figure) { figures.append(figure) }
  /// Something a reader must know to judge the figures.
  mutating func remark(_ words: String) { remarks.append(words) }

  mutating func add(_ other: Report) {
    figures += other.figures
    remarks += other.remarks
  }

  func print(asJSON: Bool) throws {
    if asJSON {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
      let body = Body(figures: figures, remarks: remarks)
      return Swift.print(String(decoding: try encoder.encode(body), as: UTF8.self))
    }
    let rows = [["figure", "ours", "unit", "floor", "ratio", "target", ""]] + figures.map(row)
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    for row in rows {
      let cells = row.enumerated().map { column, cell in
        let space = String(repeating: " ", count: widths[column] - cell.count)
        return column == 1 || column == 3 || column == 4 ? space + cell : cell + space
      }
      Swift.print(cells.joined(separator: "  "))
    }
    for remark in remarks { Swift.print("- \(remark)") }
  }

  private struct Body: Encodable {
    var figures: [Figure]
    var remarks: [String]
  }

  private func row(_ figure: Figure) -> [String] {
    [
      figure.name, Figure.words(figure.value), figure.unit, figure.floor.map(Figure.words) ?? "",
      figure.ratio.map { String(($0 * 100).rounded() / 100) } ?? "", figure.targetWords,
      figure.isMet.map { $0 ? "met" : "MISSED" } ?? "",
    ]
  }
}
