/// The primary's tasks of each day as the procedure has them (requirement S11): data, in its words and order, with the commands,
/// addresses and ranges of its monitoring checklist.
struct DailyTaskKind: Sendable {
  /// What is expected of a number that somebody reads there.
  struct Range: Sendable {
    let name: String
    let expected: String
    let holds: @Sendable (Exact) -> Bool
  }
  let id: String
  let text: String
  private let command: String
  let ranges: [Range]

  /// The command, or where to look, on a date.
  func how(on date: String) -> String { command.replacing("DATE", with: date) }

  init(id: String, text: String, command: String, ranges: [Range] = []) {
    (self.id, self.text, self.command, self.ranges) = (id, text, command, ranges)
  }

  static let all = [
    DailyTaskKind(
      id: "metrics", text: "Review dashboard health metrics",
      command: "http://grafana.aion.internal:3000, dashboard AION Overview",
      ranges: [
        Range(name: "error-rate", expected: "below 0.1 %") { $0 < Exact(tenThousandths: 1_000) },
        Range(name: "p95", expected: "below 500 ms") { $0 < Exact(tenThousandths: 5_000_000) },
        Range(name: "sessions", expected: "100 to 1000") {
          Exact(tenThousandths: 1_000_000) <= $0 && $0 <= Exact(tenThousandths: 10_000_000)
        },
      ]),
    DailyTaskKind(id: "alerts", text: "Check for patterns in alerts", command: "tocsinctl alert list"),
    DailyTaskKind(
      id: "logs", text: "Review overnight logs for warnings", command: "http://kibana.aion.internal:5601, index aion-*"),
    DailyTaskKind(
      id: "backup", text: "Verify backup completion", command: "aws s3 ls s3://aion-backups/postgres/DATE/"),
    DailyTaskKind(
      id: "flows", text: "Test critical user flows", command: "kubectl get pods -n aion-production --watch"),
  ]
}
