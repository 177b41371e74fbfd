import Messages

/// What operators may ask of the present; the past is asked of history.
extension Escalations {
  /// An incident; for an alert that never had one of its own, the one that it is part of.
  public func incident(_ id: String) -> Incident? {
    (incidents[id] ?? incidents[members.whole(of: id)]).map { describe($0) }
  }

  /// Whose timeline is meant by an id: for an alert that never had an incident of its own, that of the one it is part of.
  public func subject(of id: String) -> String {
    guard let member = members[id], member.isOfStorm else { return id }
    return member.incident
  }

  public func policy(_ name: String) -> Policy? { policies.current.first { $0.name == name } }

  public func name(of person: String, in team: String) -> String { timelines.name(of: person, in: team) }

  /// How many incidents one call looks at, whatever it finds: a filter that matches nothing must not stop the loop.
  static let looksAt = 10_000

  /// Incidents in the order in which they were opened, a page at a time.
  public func list(_ request: ListIncidentsRequest) throws(Refusal) -> ListIncidentsReply {
    guard request.limit <= 1_000 else { throw .invalid("limit", "at most 1000") }
    guard request.policyVersion == 0 || !request.policy.isEmpty else {
      throw .invalid("policy_version", "needs policy: each counts its own versions")
    }
    let limit = request.limit == 0 ? 100 : Int(request.limit)
    var found: [Incident] = []
    var seen = 0
    var cursor = ""
    incidents.forEach(after: request.after) { id, incident in
      seen += 1
      if matches(incident, request) { found.append(describe(incident)) }
      let isFull = found.count == limit || seen == Self.looksAt
      if isFull { cursor = id }
      return !isFull
    }
    return ListIncidentsReply(incidents: found, open: UInt64(open.count), after: cursor)
  }

  private func matches(_ incident: RunningIncident, _ request: ListIncidentsRequest) -> Bool {
    (request.includeResolved || incident.isOpen)
      && (request.team.isEmpty || incident.opened.team == request.team)
      && (request.policy.isEmpty || incident.opened.policy == request.policy)
      && (request.policyVersion == 0 || incident.opened.policyVersion == request.policyVersion)
      && (request.person.isEmpty || incident.owner == request.person
        || incident.hasPaged(request.person))
  }

  func describe(_ incident: RunningIncident) -> Incident {
    let next = incident.nextClock.flatMap { $0.kind == .forget ? nil : $0 }
    let update = incident.clocks.first { $0.kind == .duty && $0.argument != Duty.investigate.rawValue }
    return Incident(
      id: incident.id, state: incident.state, severity: incident.severity, summary: incident.opened.summary,
      service: incident.opened.service, alertClass: incident.opened.alertClass, team: incident.opened.team,
      policy: incident.opened.policy, policyVersion: incident.opened.policyVersion, openedAt: incident.opened.openedAt,
      acknowledgedAt: incident.acknowledgedAt, resolvedAt: incident.resolvedAt, commander: incident.commander,
      owner: incident.owner, tier: incident.tier, status: incident.status, nextUpdateDueAt: update?.due ?? .unset,
      nextStepAt: next?.due ?? .unset, nextStep: next?.words(rule: rule(of: incident)) ?? "",
      pages: incident.pages.map {
        PageSummary(
          pageId: $0.id(in: incident.id), person: $0.person, tier: $0.tier, purpose: $0.purpose, wanted: $0.wanted,
          pagedAt: $0.pagedAt,
          state: $0.state)
      },
      steps: incident.opened.steps, runbook: incident.opened.runbook, flags: incident.record.flags,
      snoozedUntilAt: incident.snoozedUntil, mergedInto: incident.record.mergedInto,
      moreAlerts: UInt64(members.count(in: incident.id)), moreFiring: UInt64(members.firing(in: incident.id)),
      newerPolicyVersion: policies.newer(than: incident.opened.policyVersion, of: incident.opened.policy))
  }
}
