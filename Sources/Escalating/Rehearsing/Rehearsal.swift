import Machinery
import Messages

/// One run of recorded alerts through the rules, in a time of its own: a fresh `Escalations` hears what sources said when they
/// said it, its clocks lapse when they are due, and people do what they did.
///
/// The record can't say what somebody would have done who wasn't paged. The model, which answers by these rules alone:
/// - Whoever acknowledged first does so as long after the first page with duty that they get as they did then. One who had not
///   been paged answers as long after the first page that anybody gets.
/// - Where no page reaches that person in a whole run (`unreached`), another run has whoever is paged first answer (`standIns`).
/// - When an acknowledgement lapses that did not in the record, they answer again.
/// - What people did after their acknowledgement keeps its distance to it. Ends come when they came: a person's as if the
///   sources of all its alerts had said that it is over.
/// - Every page reaches its person, and no tier of the cluster is ever down.
struct Rehearsal {
  /// What people still do to one incident of the run, by one incident of the record.
  private struct Course {
    var incident: String
    let record: String
    /// In order of time.
    var deeds: [Script.Deed] = []
    var hasAnswered = false
    /// In this run, since.
    var hasLapsed = false
    var awaitsAnswer = false
    /// Whoever answered then got a page.
    var wasReached = false
    var lastPaged = ""
    /// Its incident became part of another one: that one's record says who answered.
    var isMerged = false
  }

  private var rules: Escalations
  private let script: Script
  private let until: Instant
  private let standIns: Set<String>
  private let factsAtMost: Int
  private var courses: [Course] = []
  private var coursesOf: [String: [Int]] = [:]
  private var due = DueTimes()
  private var generations: [String: UInt64] = [:]
  private var now = Instant.unset
  private var facts = 0
  private(set) var found = RehearsalTrace()

  /// - Parameter standIns: incidents of the record that whoever is paged first answers.
  init(_ script: Script, by rules: Escalations, until: Instant, factsAtMost: Int, standIns: Set<String> = []) {
    self.script = script
    self.rules = rules
    self.until = until
    self.factsAtMost = factsAtMost
    self.standIns = standIns
  }

  /// Incidents of the record whose answer waited in vain for a page of that person.
  var unreached: Set<String> {
    Set(
      courses.filter { course in
        !course.wasReached && script.parts[course.record]?.answer?.wasPaged == true && !course.lastPaged.isEmpty
      }.map(\.record))
  }

  /// - Throws: OUT_OF_RANGE when too much would happen.
  mutating func run() throws(Refusal) {
    var next = 0
    while true {
      let source = next < script.lines.count ? script.lines[next].at : .distantFuture
      let people = due.next?.due ?? .distantFuture
      let clock = rules.nextDeadline ?? .distantFuture
      let soonest = min(source, people, clock)
      guard soonest < until else { return }
      now = max(now, soonest)
      if clock == soonest {
        let made = rules.lapse(at: now)
        // A mistake in the rules must not end the tier that pages by them.
        guard !made.isEmpty else {
          throw Refusal(.internal, "something is due at \(now.milliseconds), and nothing comes of it")
        }
        remember(made)
      } else if source == soonest {
        hear(script.lines[next].alert)
        next += 1
      } else if let key = due.next?.key, let index = Int(key) {
        act(index)
      }
      guard facts <= factsAtMost else {
        throw Refusal(
          .outOfRange, "more than \(factsAtMost) things would happen: rehearse a shorter time", field: "from_at_ms")
      }
    }
  }

  // MARK: Sources

  private mutating func hear(_ said: Alert) {
    var alert = said
    alert.generation = generations[alert.id, default: 0] + 1
    generations[alert.id] = alert.generation
    let decision = try? rules.decide(.alert(alert), at: now)
    remember(decision?.facts ?? [])
  }

  // MARK: People

  private mutating func act(_ index: Int) {
    guard !courses[index].deeds.isEmpty else { return due.set("\(index)", to: nil) }
    let deed = courses[index].deeds.removeFirst()
    if deed.isAnswer { courses[index].awaitsAnswer = false }
    due.set("\(index)", to: courses[index].deeds.first?.at)
    let course = courses[index]
    switch deed.kind {
    case .resolved(let resolved): end(course, by: resolved.by)
    case .merged:
      if !ask(deed.input(for: course.incident, at: now)) { end(course, by: "") }
    case .acknowledged(let answer):
      let isDone = ask(deed.input(for: course.incident, at: now))
      if !isDone, isOpen(course), !course.lastPaged.isEmpty, answer.by != course.lastPaged {
        ask(.acknowledge(AcknowledgeRequest(incidentId: course.incident, by: course.lastPaged)))
      }
      if deed.isAnswer, !course.hasAnswered { goOn(index) }
    default:
      if !ask(deed.input(for: course.incident, at: now)), isOpen(course) { found.impossible += 1 }
    }
  }

  @discardableResult
  private mutating func ask(_ input: EscalationInput?) -> Bool {
    guard let input, let decision = try? rules.decide(input, at: now) else { return false }
    remember(decision.facts)
    return true
  }

  private func isOpen(_ course: Course) -> Bool {
    rules.incidents[rules.members.whole(of: course.incident)]?.isOpen == true
  }

  /// What people did after their acknowledgement follows it at the same distance.
  private mutating func goOn(_ index: Int) {
    courses[index].hasAnswered = true
    guard let part = script.parts[courses[index].record], let answer = part.answer else { return }
    for var deed in part.afterTheAnswer {
      deed.shift = now - answer.at
      deed.at = deed.at + deed.shift
      add(deed, to: index)
    }
  }

  private mutating func end(_ course: Course, by person: String) {
    let records = script.whole(course.record, at: now)
    for id in records.flatMap({ script.parts[$0]?.alerts ?? [] }) where generations[id] != nil {
      guard var alert = script.openings[id] else { continue }
      alert.state = .resolved
      hear(alert)
    }
    // What was reopened only a person ends.
    let whole = rules.members.whole(of: course.incident)
    guard isOpen(course),
      (coursesOf[whole] ?? [])
        .allSatisfy({ records.contains(courses[$0].record) })
    else { return }
    ask(.resolve(ResolveRequest(incidentId: whole, by: person)))
  }

  private mutating func add(_ deed: Script.Deed, to index: Int) {
    let place = courses[index].deeds.firstIndex { deed.at < $0.at } ?? courses[index].deeds.count
    courses[index].deeds.insert(deed, at: place)
    due.set("\(index)", to: courses[index].deeds[0].at)
  }

  /// Whoever acknowledged an incident of the record does so in each incident of the run that has an alert of it.
  private mutating func begin(_ incident: String, as record: String) {
    guard let part = script.parts[record],
      !(coursesOf[incident] ?? []).contains(where: { courses[$0].record == record })
    else { return }
    courses.append(Course(incident: incident, record: record))
    coursesOf[incident, default: []].append(courses.count - 1)
    for deed in part.atTheirTime where deed.at >= now { add(deed, to: courses.count - 1) }
    for person in found.called(in: incident) { answer(person, courses.count - 1) }
  }

  /// The next answer, now that somebody is paged.
  private mutating func answer(_ person: String, _ index: Int) {
    let course = courses[index]
    guard let part = script.parts[course.record], let answer = part.answer else { return }
    courses[index].lastPaged = person
    if person == answer.by { courses[index].wasReached = true }
    guard !course.isMerged, !course.awaitsAnswer, !course.hasAnswered || course.hasLapsed && !part.hasLapsed else {
      return
    }
    let isStandIn = answer.wasPaged && standIns.contains(course.record)
    guard isStandIn || !answer.wasPaged || person == answer.by else { return }
    courses[index].awaitsAnswer = true
    let by = isStandIn ? person : answer.by
    add(
      Script.Deed(
        at: now + answer.delay, kind: .acknowledged(Acknowledged(incidentId: course.incident, by: by)), isAnswer: true),
      to: index)
  }

  // MARK: What follows

  private mutating func remember(_ made: [EscalationFact]) {
    for fact in made {
      // Nobody reviews what is only rehearsed.
      if case .reviewOpened = fact.kind { continue }
      rules.apply(fact, at: now)
      facts += 1
      found.note(fact, at: now)
      switch fact.kind {
      case .opened(let opened): begin(opened.id, as: script.recordOf[opened.id] ?? "")
      case .alertJoined(let joined): join(joined)
      case .firedAgain(let again): begin(again.incidentId, as: script.recordOf[again.alertId] ?? "")
      case .acknowledgementLapsed(let lapsed):
        for index in coursesOf[lapsed.incidentId] ?? [] { courses[index].hasLapsed = true }
      case .paged(let paged) where paged.purpose == .duty:
        for index in coursesOf[paged.incidentId] ?? [] { answer(paged.person, index) }
      default: break
      }
    }
    takeWhatIsOwed()
  }

  private mutating func join(_ joined: AlertJoined) {
    let moved = coursesOf.removeValue(forKey: joined.alertId) ?? []
    for index in moved {
      courses[index].incident = joined.incidentId
      courses[index].isMerged = true
    }
    coursesOf[joined.incidentId, default: []] += moved
    if moved.isEmpty { begin(joined.incidentId, as: script.recordOf[joined.alertId] ?? "") }
  }

  /// The notifier takes every page at once.
  private mutating func takeWhatIsOwed() {
    while case let owed = rules.debtsToNotifier.first(64), !owed.isEmpty {
      for id in owed {
        let settled = DebtSettled(debtId: id, generation: UInt64(HeldPage.withdrawn))
        rules.apply(EscalationFact(kind: .debtSettled(settled)), at: now)
      }
    }
  }
}

extension Script.Deed {
  /// What a person would ask for; nil for what nobody asks for.
  fileprivate func input(for incident: String, at now: Instant) -> EscalationInput? {
    switch kind {
    case .acknowledged(let answer):
      return .acknowledge(AcknowledgeRequest(incidentId: incident, by: answer.by, via: answer.via))
    case .updated(let updated):
      return .update(
        UpdateRequest(
          incidentId: incident, by: updated.update?.by ?? "", status: updated.update?.status ?? .unspecified))
    case .escalatedByHand(let fact):
      return .escalate(EscalateRequest(incidentId: incident, by: fact.by, tier: fact.tier, reason: fact.reason))
    case .reassigned(let fact):
      return .reassign(ReassignRequest(incidentId: incident, by: fact.by, to: fact.to, reason: fact.reason))
    case .flagsRaised(let fact): return .flags(FlagsRequest(incidentId: incident, by: fact.by, flags: fact.flags))
    case .respondersAdded(let fact):
      return .responders(RespondersRequest(incidentId: incident, by: fact.by, people: fact.people))
    case .commandDelegated(let fact):
      return .delegate(DelegationRequest(incidentId: incident, by: fact.by, to: fact.to))
    case .severityChanged(let fact):
      return .severity(
        SeverityRequest(incidentId: incident, by: fact.by, severity: fact.severity, reason: fact.reason))
    case .snoozed(let fact):
      return .snooze(
        SnoozeRequest(incidentId: incident, by: fact.by, untilAt: fact.untilAt + shift, reason: fact.reason))
    case .merged(let fact):
      return .merge(MergeRequest(incidentId: fact.into, by: fact.by, parts: [incident], reason: fact.reason))
    case .reopened(let fact): return .reopen(ReopenRequest(incidentId: incident, by: fact.by, reason: fact.reason))
    default: return nil
    }
  }
}
