import Machinery
import Messages

/// On which incidents a key that acts in its own name only may act: those that its person is on, and those of its team.
///
/// On it is whoever was paged for it, with or without the duty to answer, whoever has or had it, and who commands it. Of its team is
/// whoever the team's schedule names: who holds a shift of it or will, who belongs to it, its lead, managers and executives. Whoever
/// else is needed is added by those who are there, and is paged then. Before any schedule has come nobody is turned away: an incident
/// that nobody could acknowledge would be worse.
extension Escalations {
  func decide(
    _ input: EscalationInput, inOwnNameOf name: String, at now: Instant
  ) throws(Refusal) -> Decision<EscalationFact, EscalationAnswer> {
    for (field, id) in input.incidentsActedOn { try mayAct(name, on: id, field) }
    return try decide(input, at: now)
  }

  private func mayAct(_ name: String, on id: String, _ field: String) throws(Refusal) {
    // One that isn't there is refused for that.
    guard let incident = incidents[members.whole(of: id)], !timelines.isEmpty else { return }
    let team = incident.opened.team
    guard !isOn(name, incident), !timelines.names(name, in: team) else { return }
    // Whoever answers a part answers the whole, and so does the part's team.
    if let part = incidents[id], isOn(name, part) || timelines.names(name, in: part.opened.team) { return }
    // A part is left to history an hour after it became one; what its people may do is not.
    for part in members.parts(leadingTo: id) {
      if part.people.contains(name) || !part.team.isEmpty && timelines.names(name, in: part.team) { return }
    }
    throw Refusal(
      .permissionDenied,
      "\(id) is an incident of team \(team.isEmpty ? "\"\"" : team), and \(name) is neither on it nor of that team: somebody who is "
        + "can add \(name), or a key with the role lead or admin acts", field: field)
  }

  private func isOn(_ name: String, _ incident: RunningIncident) -> Bool { incident.people.contains(name) }
}

extension RunningIncident {
  /// Who is on it or was.
  var people: [String] {
    (pages.map(\.person) + record.earlierPages.map(\.person) + record.works.map(\.person) + [owner, commander])
      .filter { !$0.isEmpty }.distinct
  }
}

extension EscalationInput {
  /// The incidents that it changes, with the field that names each.
  fileprivate var incidentsActedOn: [(field: String, id: String)] {
    switch self {
    case .acknowledge(let request): [("incident_id", request.incidentId)]
    case .resolve(let request): [("incident_id", request.incidentId)]
    case .escalate(let request): [("incident_id", request.incidentId)]
    case .reassign(let request): [("incident_id", request.incidentId)]
    case .update(let request): [("incident_id", request.incidentId)]
    case .flags(let request): [("incident_id", request.incidentId)]
    case .responders(let request): [("incident_id", request.incidentId)]
    case .delegate(let request): [("incident_id", request.incidentId)]
    case .severity(let request): [("incident_id", request.incidentId)]
    case .snooze(let request): [("incident_id", request.incidentId)]
    case .reopen(let request): [("incident_id", request.incidentId)]
    case .merge(let request): [("incident_id", request.incidentId)] + request.parts.map { ("parts", $0) }
    // Whoever learns from an incident may take part in its review.
    case .review: []
    case .alert, .timeline, .receipt, .configure, .tier, .synthetic, .change, .answer, .inOwnName: []
    }
  }
}
