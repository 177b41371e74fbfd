extension Campaign {
  /// Runs many seeds, several at a time: a world is all on one thread and shares nothing with another.
  ///
  /// - Parameter take: told of each report as it comes, in no certain order. When it returns false no further seed begins.
  public func run(
    seeds: ClosedRange<UInt64>, atOnce: Int = 2, _ take: (_ seed: UInt64, _ report: ReportSummary) -> Bool
  ) async {
    await withTaskGroup(of: (UInt64, ReportSummary).self) { group in
      var waiting = seeds.makeIterator()
      func begin() {
        guard let seed = waiting.next() else { return }
        group.addTask { (seed, ReportSummary(run(seed: seed))) }
      }
      for _ in 0..<atOnce { begin() }
      var goesOn = true
      for await (seed, report) in group {
        goesOn = take(seed, report) && goesOn
        if goesOn { begin() }
      }
    }
  }
}

/// What leaves the thread of a world: a report that changes no more.
public struct ReportSummary: Sendable {
  public var violations: [String]
  public var shortfalls: [String]
  public var steps: Int
  public var faults: [Fault: Int]
  public var crashPoints: [CrashPoint: Int]
  public var reached: Set<String>
  public var text: String

  public init(_ report: Report) {
    violations = report.violations
    shortfalls = report.shortfalls
    steps = report.steps
    faults = report.faults
    crashPoints = report.crashPoints
    reached = report.reached
    text = report.summary
  }
}

/// What many seeds have seen together.
public struct SeedTally: Sendable {
  public private(set) var seeds = 0
  public private(set) var steps = 0
  public private(set) var faults: [Fault: Int] = [:]
  public private(set) var crashPoints: [CrashPoint: Int] = [:]
  public private(set) var reached: Set<String> = []

  public init() {}

  public mutating func add(_ report: ReportSummary) {
    seeds += 1
    steps += report.steps
    faults.merge(report.faults, uniquingKeysWith: +)
    crashPoints.merge(report.crashPoints, uniquingKeysWith: +)
    reached.formUnion(report.reached)
  }

  /// What any hundred seeds must have seen, or they test less than they seem to: every fault, a process that ended at every
  /// labelled point, and these states.
  public var shortfalls: [String] {
    Fault.allCases.filter { faults[$0] == nil }.map { "no \($0.rawValue)" }
      + CrashPoint.allCases.filter { crashPoints[$0] == nil }.map { "nothing ended at \($0.rawValue)" }
      + Self.states.subtracting(reached).sorted().map { "never reached \($0)" }
  }

  static let states: Set<String> = [
    "opened", "paged", "breach", "escalated", "chain-ended", "chain-started", "acknowledged", "lapsed", "resolved",
    "update", "posted", "age", "skipped", "receipt", "withdrawn", "reassigned", "severity", "reminded", "team",
    "flags", "responders", "command", "snoozed", "snooze-over", "merged", "joined", "alert-over", "reopened",
    "fired-again", "silenced", "review", "finding", "attended", "digest", "answer-refused",
    "policy-kept", "told-of-unpaged", "told-of-loss",
  ]

  public var summary: String {
    let faults = Fault.allCases.map { "\($0.rawValue) \(self.faults[$0] ?? 0)" }.joined(separator: ", ")
    let points = CrashPoint.allCases.map { "\($0.rawValue) \(crashPoints[$0] ?? 0)" }.joined(separator: ", ")
    return "\(seeds) seeds: \(steps) steps; faults: \(faults); ended at: \(points); "
      + "reached \(reached.sorted().joined(separator: " "))"
  }
}
