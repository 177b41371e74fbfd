import Machinery
import Messages

/// An open incident whose alert is another team's now: configuration moved its service, or a route takes it elsewhere (I3).
///
/// Reading: whoever is paged must be able to mend what is broken, so paging follows the service at once.
/// - While nobody has acknowledged, the old team's pages are withdrawn and the chain starts again at the first tier of the new
///   team, by the policy that the alert has now. The incident keeps its age: what its age brought about before isn't repeated.
/// - Who has acknowledged has the work in hand and keeps it, with the policy and the clocks that run; whoever is paged from
///   then on (a missed update, a lapse, an escalation by hand) is of the new team.
/// - A changed policy alone moves nothing: an incident keeps the policy that it was opened with.
extension Escalations {
  /// - Returns: whether the new team is paged now, a worse severity included.
  func move(_ draft: inout Draft, with alert: Alert) -> Bool {
    let from = draft.incident.opened.team
    guard !alert.team.isEmpty, alert.team != from else { return false }
    let isTaken = draft.incident.state == .acknowledged
    if !isTaken, draft.isWorse(alert.severity) {
      draft.add(
        .severityChanged(
          SeverityChanged(incidentId: draft.incident.id, severity: alert.severity, from: draft.incident.severity)))
    }
    let policy = policies.newest(alert.policy)
    let owner = draft.incident.owner
    draft.add(
      .teamMoved(
        TeamMoved(
          incidentId: draft.incident.id, fromTeam: from, toTeam: alert.team, policy: policy.name,
          policyVersion: policy.version, routedBy: alert.routedBy, steps: alert.steps, runbook: alert.runbook,
          keeps: isTaken ? (owner.isEmpty ? alert.source : owner) : "")))
    guard !isTaken else { return false }
    draft.beginAnew(because: "now with team \(alert.team), was with \(from)")
    return true
  }
}

extension Draft {
  fileprivate mutating func beginAnew(because: String) {
    withdraw(because: because)
    announce(because)
    guard time.open(at: now) <= now else { return }
    beginChain(because: because)
  }
}
