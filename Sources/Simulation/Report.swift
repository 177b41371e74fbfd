/// What a simulated run did and saw: its floor of steps, faults and states shows that it was not an empty run.
public final class Report {
  public internal(set) var violations: [String] = []
  public internal(set) var steps = 0
  public internal(set) var alerts = 0
  public internal(set) var attempts = 0
  public internal(set) var answers = 0
  /// What the watch has told, by each channel.
  public internal(set) var alarms = 0
  public internal(set) var replays = 0
  /// Checks of promises that had something to judge.
  public internal(set) var judgements = 0
  /// What the seed chose to go wrong.
  public internal(set) var troubles: Set<TroubleKind> = []
  public internal(set) var faults: [Fault: Int] = [:]
  /// At which labelled points processes ended.
  public internal(set) var crashPoints: [CrashPoint: Int] = [:]
  /// The facts about the incident that was asked for.
  public internal(set) var trace: [String] = []
  /// Kinds of timeline lines that occurred: the states that the run reached.
  public internal(set) var reached: Set<String> = []

  public var faultCount: Int { faults.values.reduce(0, +) }

  /// What every run must have done and seen, whatever its seed; each line says where this one fell short.
  public var shortfalls: [String] {
    var short: [String] = []
    if steps < 1_000 { short.append("only \(steps) steps of 1000") }
    if alerts < 3 { short.append("only \(alerts) alerts of 3") }
    if judgements < 10 { short.append("only \(judgements) judgements of 10") }
    let states = Self.states.subtracting(reached)
    if !states.isEmpty { short.append("never reached: \(states.sorted().joined(separator: " "))") }
    // A short run may meet none by chance.
    for trouble in troubles.sorted(by: { $0.rawValue < $1.rawValue })
    where steps >= 5_000 && trouble.faults.allSatisfy({ faults[$0] == nil }) {
      short.append("chose trouble with \(trouble.rawValue) and had none")
    }
    let wrong = faultCount - (faults[.reordered] ?? 0)
    if troubles.isEmpty, wrong > 0 { short.append("chose no trouble and had \(wrong) faults") }
    return short
  }

  /// The states that any single run reaches.
  static let states: Set<String> = ["opened", "paged", "receipt", "withdrawn", "resolved"]

  func count(_ fault: Fault) { faults[fault, default: 0] += 1 }

  func violate(_ what: String) {
    if violations.count < 20, !violations.contains(what) { violations.append(what) }
  }

  public var summary: String {
    let faults = Fault.allCases.compactMap { fault in self.faults[fault].map { "\(fault.rawValue) \($0)" } }
    let points = CrashPoint.allCases.compactMap { point in crashPoints[point].map { "\(point.rawValue) \($0)" } }
    return
      "steps \(steps), alerts \(alerts), attempts \(attempts), alarms \(alarms), answers \(answers), replays \(replays), "
      + "judgements \(judgements), faults \(faultCount) (\(faults.joined(separator: ", "))), "
      + "ended at \(points.isEmpty ? "no point" : points.joined(separator: ", ")), "
      + "reached \(reached.sorted().joined(separator: " "))"
  }
}
