import CivilTime
import Machinery
import Messages

/// Rehearses recorded incidents by two sets of policies and says what differs, on any thread: nothing of it happens on the loop.
public struct Rehearser: Sendable {
  private let request: RehearsalRequest
  private let zones: TimeZones
  private let policies: PolicyBook
  private let timelines: ReceivedTimelines
  /// What may happen in a run, so that it is made in seconds.
  public var factsAtMost = 250_000

  /// What is told of single incidents at most, so that an answer stays well below a megabyte; further ones are counted.
  static let incidentsTold = 200
  static let pagesTold = 12
  static let peopleTold = 500

  init(request: RehearsalRequest, zones: TimeZones, policies: PolicyBook, timelines: ReceivedTimelines) {
    self.request = request
    self.zones = zones
    self.policies = policies
    self.timelines = timelines
  }

  /// - Throws: OUT_OF_RANGE, with a shorter time as the way out.
  public func rehearse(_ recorded: [RecordedFacts], _ figures: HistoryFigures) throws(Refusal) -> RehearsalReply {
    guard recorded.reduce(0, { $0 + $1.facts.count }) <= Escalations.deedsRehearsed else {
      throw Refusal(
        .outOfRange, "more than \(Escalations.deedsRehearsed) things happened then: rehearse a shorter time",
        field: "from_at_ms")
    }
    let script = Script(recorded)
    let present = rules(by: request.timeline, policies)
    let before = try run(script, by: present)
    let after = try run(script, by: rules(by: request.editedTimeline ?? request.timeline, editedPolicies))
    var reply = RehearsalReply(fromAt: request.fromAt, untilAt: request.untilAt)
    reply.present = sums(of: before, script)
    reply.edited = sums(of: after, script)
    reply.people = people(before, after, figures, present.timelines)
    tell(differing(before, after, script), of: before, after, script, in: &reply)
    return reply
  }

  private var editedPolicies: PolicyBook {
    var edited = policies
    let changed = policies.changes(to: EscalationConfiguration(policies: request.policies)).new
    edited.remember(PoliciesConfigured(policies: changed))
    return edited
  }

  /// Other teams, to which an incident may have moved, are as they are now.
  private func rules(by timeline: Timeline?, _ policies: PolicyBook) -> Escalations {
    var rules = Escalations(zones: zones)
    rules.policies = policies
    rules.timelines = timelines
    if let timeline { rules.timelines.remember(timeline, zones: zones) }
    return rules
  }

  private func run(_ script: Script, by rules: Escalations) throws(Refusal) -> RehearsalTrace {
    var rehearsal = Rehearsal(script, by: rules, until: request.untilAt, factsAtMost: factsAtMost)
    try rehearsal.run()
    let unreached = rehearsal.unreached
    guard !unreached.isEmpty else { return rehearsal.found }
    rehearsal = Rehearsal(script, by: rules, until: request.untilAt, factsAtMost: factsAtMost, standIns: unreached)
    try rehearsal.run()
    return rehearsal.found
  }

  private func sums(of trace: RehearsalTrace, _ script: Script) -> RehearsedSums {
    var sums = RehearsedSums(impossible: trace.impossible)
    for course in trace.courses.values where course.partOf.isEmpty || !course.pages.isEmpty {
      sums.incidents += 1
      sums.pages += UInt64(course.pages.count { $0.purpose == .duty })
      sums.escalated += course.tier > 1 ? 1 : 0
      sums.rounds += course.rounds
      sums.targetsMissed += course.hasMissedTarget ? 1 : 0
    }
    sums.unanswered = UInt64(
      script.parts.count { id, part in
        part.answer.map { $0.at < request.untilAt } == true && trace.whole(of: id)?.acknowledgedAt.isSet == false
      })
    sums.unreached = trace.unreached.sorted { $0.key < $1.key }.map { UnreachedTier(tier: $0.key, times: $0.value) }
    return sums
  }

  // MARK: People

  private func people(
    _ before: RehearsalTrace, _ after: RehearsalTrace, _ figures: HistoryFigures, _ timelines: ReceivedTimelines
  ) -> [PersonRehearsed] {
    let hours = timelines.business(of: request.team)
    let reported = Reporter(timelines: timelines).report(FiguresRequest(), figures).load
    var people: [String: PersonRehearsed] = [:]
    for load in reported { people[load.person] = PersonRehearsed(person: load.person, reported: load) }
    for (person, load) in loads(before, hours) {
      people[person, default: PersonRehearsed(person: person)].present = load
    }
    for (person, load) in loads(after, hours) { people[person, default: PersonRehearsed(person: person)].edited = load }
    return Array(
      people.values.map { whole($0) }.sorted { ($1.weight, $0.person) < ($0.weight, $1.person) }.prefix(Self.peopleTold)
    )
  }

  /// Whom one run leaves alone has no pages there.
  private func whole(_ person: PersonRehearsed) -> PersonRehearsed {
    var person = person
    person.reported = person.reported ?? LoadFigures(person: person.person)
    person.present = person.present ?? RehearsedLoad()
    person.edited = person.edited ?? RehearsedLoad()
    return person
  }

  private func loads(_ trace: RehearsalTrace, _ hours: BusinessTime?) -> [String: RehearsedLoad] {
    var pages: [String: [RehearsalTrace.Page]] = [:]
    for course in trace.courses.values { for page in course.pages { pages[page.person, default: []].append(page) } }
    return pages.mapValues { RehearsedLoad(of: $0, hours) }
  }

  // MARK: Incidents

  private func differing(_ before: RehearsalTrace, _ after: RehearsalTrace, _ script: Script) -> [String] {
    Set(before.courses.keys).union(after.courses.keys).filter { before.courses[$0] != after.courses[$0] }
      .sorted {
        (script.openings[$0]?.openedAt ?? .unset, $0) < (script.openings[$1]?.openedAt ?? .unset, $1)
      }
  }

  private func tell(
    _ differing: [String], of before: RehearsalTrace, _ after: RehearsalTrace, _ script: Script,
    in reply: inout RehearsalReply
  ) {
    reply.differing = differing.prefix(Self.incidentsTold).map { id in
      let alert = script.openings[id]
      return IncidentRehearsed(
        incidentId: id, severity: alert?.severity ?? .unspecified, service: alert?.service ?? "",
        alertClass: alert?.alertClass ?? "", summary: String((alert?.summary ?? "").prefix(120)),
        openedAt: alert?.openedAt ?? .unset, present: RehearsedCourse(before.courses[id]),
        edited: RehearsedCourse(after.courses[id]))
    }
    reply.differingLeftOut = UInt64(differing.count - reply.differing.count)
  }
}

extension PersonRehearsed {
  /// How much a change of policy matters to them.
  fileprivate var weight: UInt64 {
    func distance(_ load: KeyPath<RehearsedLoad, UInt64>) -> UInt64 {
      let (before, after) = (present?[keyPath: load] ?? 0, edited?[keyPath: load] ?? 0)
      return before > after ? before - after : after - before
    }
    return distance(\.wakings) * 1_000 + distance(\.nights) + distance(\.weekends) + distance(\.pages)
  }
}

extension RehearsedCourse {
  fileprivate init(_ course: RehearsalTrace.Course?) {
    guard let course else {
      self.init()
      return
    }
    self.init(
      partOf: course.partOf, acknowledgedAt: course.acknowledgedAt, acknowledgedBy: course.acknowledgedBy,
      tier: course.tier, rounds: UInt32(clamping: course.rounds),
      pages: course.pages.prefix(Rehearser.pagesTold).map {
        RehearsedPage(
          at: $0.at, person: $0.person, tier: $0.tier, purpose: $0.purpose,
          channels: $0.channels.prefix(5).map { String($0.prefix(24)) })
      }, pagesLeftOut: UInt64(max(0, course.pages.count - Rehearser.pagesTold)))
  }
}
