import Configuration
import Messages

/// Incident work for people.
enum WorkText {
  static func table(_ items: [WorkItem], _ times: Times) -> Table {
    var table = Table(
      "INCIDENT", "PERSON", "SEVERITY", "FROM (\(times.zone))", "UNTIL", "WORKED", "APPROVAL", "EDITED", "SUMMARY")
    for item in items {
      table.add(
        item.key?.incidentId ?? "-", item.key?.person ?? "-", item.severity.word,
        times.short(item.spans.first?.fromAt ?? .unset), times.short(item.spans.last?.untilAt ?? .unset),
        SpanText.text(item.worked), approval(item), edited(item), item.summary)
    }
    return table
  }

  static func show(_ item: WorkItem, _ times: Times) {
    Answer.facts([
      ("work", "\(item.key?.person ?? "-") on \(item.key?.incidentId ?? "-"), \(item.severity.word)"),
      ("summary", item.summary),
      ("worked", SpanText.text(item.worked)),
      ("counts", spans(item.spans, times)),
      ("reported", spans(item.reported, times)),
      ("edited", edited(item)),
      ("approval", approval(item)),
    ])
  }

  private static func spans(_ spans: [WorkSpan], _ times: Times) -> String {
    spans.isEmpty
      ? "nothing" : spans.map { "\(times.full($0.fromAt)) to \(times.full($0.untilAt))" }.joined(separator: "\n")
  }

  private static func approval(_ item: WorkItem) -> String {
    if !item.approvedBy.isEmpty { return "by \(item.approvedBy)" }
    return item.spans.isEmpty ? "-" : "WAITS"
  }

  private static func edited(_ item: WorkItem) -> String {
    item.reason.isEmpty ? "-" : "by \(item.editedBy.isEmpty ? "an operator" : item.editedBy): \(item.reason)"
  }
}
