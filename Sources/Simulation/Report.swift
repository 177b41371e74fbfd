/// What a simulated run did and saw: its floor of steps, faults and states shows that it was not an empty run.
public final class Report {
  public internal(set) var violations: [String] = []
  public internal(set) var steps = 0
  public internal(set) var alerts = 0
  public internal(set) var attempts = 0
  public internal(set) var answers = 0
  public internal(set) var crashes = 0
  public internal(set) var diskFailures = 0
  public internal(set) var providerFaults = 0
  public internal(set) var lost = 0
  public internal(set) var doubled = 0
  public internal(set) var delayed = 0
  public internal(set) var clockSteps = 0
  public internal(set) var replays = 0
  /// The facts about the incident that was asked for.
  public internal(set) var trace: [String] = []
  /// Kinds of timeline lines that occurred: the states that the run reached.
  public internal(set) var reached: Set<String> = []

  public var faults: Int { crashes + diskFailures + providerFaults + lost + doubled + delayed + clockSteps }

  func violate(_ what: String) {
    if violations.count < 20 { violations.append(what) }
  }

  public var summary: String {
    "steps \(steps), faults \(faults) (crashes \(crashes), disk \(diskFailures), provider \(providerFaults), "
      + "lost \(lost), doubled \(doubled), delayed \(delayed), clock \(clockSteps)), alerts \(alerts), "
      + "attempts \(attempts), answers \(answers), replays \(replays), reached \(reached.sorted().joined(separator: " "))"
  }
}
