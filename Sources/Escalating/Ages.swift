import Messages

/// Which age rule a clock runs towards: one of the incident's severity, or of a milder one that it had, where the worse one has
/// nothing that would do as much.
struct AgeRuleID: Hashable, Sendable {
  var index: Int
  /// nil: the severity that the incident has.
  var severity: Severity?

  init(_ index: Int, of severity: Severity? = nil) {
    self.index = index
    self.severity = severity
  }

  /// As clocks and facts keep it.
  init(_ argument: UInt32) {
    index = Int(argument & 0xffff)
    severity = argument >> 16 == 0 ? nil : Severity(rawValue: argument >> 16)
  }

  var argument: UInt32 { (severity?.rawValue ?? 0) << 16 | UInt32(index) }

  var words: String { "age rule \(index + 1)" + (severity.map { " of \($0.words)" } ?? "") }
}

/// The ages of an incident whose severity changes (requirements E4, E6).
extension Timekeeping {
  /// What an incident runs towards once it is worse: the rules of the worse severity, from the change on. What ran already for the
  /// milder one is kept: the first rule that does all of it comes no later than it would have, and where there is none it goes
  /// on by itself.
  func ages(after change: Instant, instead running: [Clock], of before: Severity) -> [Clock] {
    var ages = rule.ages.enumerated().map { index, age in
      Clock(kind: .age, argument: AgeRuleID(index).argument, due: due(age.after, after: change))
    }
    for clock in running {
      var id = AgeRuleID(clock.argument)
      id.severity = id.severity ?? before
      guard let age = age(id) else { continue }
      if let index = rule.ages.firstIndex(where: { $0.doesAll(of: age) }) {
        ages[index].due = min(ages[index].due, clock.due)
      } else {
        ages.append(Clock(kind: .age, argument: id.argument, due: clock.due))
      }
    }
    return ages
  }

  /// nil where the policy has no such rule.
  func age(_ id: AgeRuleID) -> AgeRule? {
    let ages = id.severity.map { severity in rules.first { $0.severity == severity }?.ages ?? [] } ?? rule.ages
    return id.index < ages.count ? ages[id.index] : nil
  }

  /// "unresolved for 2 h" where that is how old the incident is, whichever severity's rule says so; otherwise how long it has
  /// been as bad as it is.
  func words(of id: AgeRuleID, _ age: AgeRule, due: Instant, since opened: Instant) -> String {
    let severity = id.severity ?? rule.severity
    let milder = rules.filter { !$0.severity.isWorse(than: severity) }
    for rule in milder {
      let whole = rule.ages.first { by(rule).due($0.after, after: opened) == due }
      if let whole { return "unresolved for \(whole.after.words)" }
    }
    return "unresolved for \(age.after.words) as \(severity.words)"
  }
}

extension AgeRule {
  /// Whether whoever this reaches, and how, leaves nothing of another one to be done.
  fileprivate func doesAll(of other: AgeRule) -> Bool {
    action == other.action && Set(tiers).isSuperset(of: other.tiers) && (management || !other.management)
      && (channels.isEmpty || !other.channels.isEmpty && Set(channels).isSuperset(of: other.channels))
  }
}
