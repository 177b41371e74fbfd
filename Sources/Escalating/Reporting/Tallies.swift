import Machinery
import Messages

/// What reports count of a fact (requirement E10).
public enum Tallies {
  public static func of(_ fact: EscalationFact, at instant: Instant) -> [IncidentTally] {
    switch fact.kind {
    case .opened(let fact):
      [
        .opened(
          IncidentOpening(
            id: fact.id, team: fact.team, service: fact.service, alertClass: fact.alertClass, severity: fact.severity,
            at: fact.openedAt))
      ]
    case .severityChanged(let fact): [.severity(incident: fact.incidentId, fact.severity)]
    case .teamMoved(let fact): [.team(incident: fact.incidentId, fact.toTeam)]
    case .acknowledged(let fact): fact.bySource ? [] : [.acknowledged(incident: fact.incidentId, at: instant)]
    case .resolved(let fact):
      [.resolved(incident: fact.incidentId, at: instant, byPerson: !fact.bySource)]
    case .reopened(let fact): [.reopened(incident: fact.incidentId)]
    case .firedAgain(let fact):
      [.firedAgain(incident: fact.incidentId), .part(alert: fact.alertId, of: fact.incidentId)]
    case .merged(let fact): [.merged(incident: fact.incidentId, into: fact.into)]
    case .alertJoined(let fact):
      fact.by.isEmpty ? [.joined(incident: fact.incidentId), .part(alert: fact.alertId, of: fact.incidentId)] : []
    case .targetMissed(let fact): [.targetMissed(incident: fact.incidentId)]
    case .maximumMissed(let fact): [.maximumMissed(incident: fact.incidentId)]
    case .movedOn(let fact): fact.toTier > fact.fromTier ? [.escalated(incident: fact.incidentId)] : []
    case .ageReached(let fact): fact.pages ? [.escalated(incident: fact.incidentId)] : []
    case .dutyMissed(let fact): [.dutyMissed(incident: fact.incidentId)]
    case .paged(let fact):
      fact.purpose == .duty ? [.paged(incident: fact.incidentId, person: fact.person, at: instant)] : []
    default: []
    }
  }
}
