import Messages

/// Open alerts follow the configuration: one that a change of services or routes gives to another team, or that came before
/// there was any configuration, gets the team that it would get today, and the escalator learns of it, so that the right
/// people are paged. Whether somebody has it in hand already is for the escalator to know.
///
/// Reading of I3: who moves a service means its open alerts too. A policy that changes while the team stays moves nothing.
extension Alerts {
  static let reroutedAtOnce = 256

  func reroute(_ id: String) -> AlertFact? {
    guard let alert = alert(id) else { return nil }
    let destination = routing.destination(service: alert.service, labels: alert.labels)
    let (steps, runbook) = routing.steps(alertClass: alert.alertClass, service: alert.service)
    return AlertFact(
      kind: .rerouted(
        AlertRerouted(
          id: id, generation: alert.generation + 1, team: destination.team, policy: destination.policy,
          routedBy: destination.routedBy, steps: steps, runbook: runbook)))
  }

  mutating func apply(_ rerouted: AlertRerouted) {
    strays.remove(rerouted.id)
    guard var one = one(rerouted.id) else { return }
    one.alert.generation = rerouted.generation
    one.alert.team = rerouted.team
    one.alert.policy = rerouted.policy
    one.alert.routedBy = rerouted.routedBy
    one.alert.steps = rerouted.steps
    one.alert.runbook = rerouted.runbook
    held[Self.number(ofId: rerouted.id)] = one
    takeUpAgain(rerouted.id)
    owe(one.alert, since: one.alert.changedAt)
  }

  mutating func noteStray(_ one: Held) {
    guard one.isOpen, routing.team(service: one.alert.service, labels: one.alert.labels) != one.alert.team else {
      return
    }
    strays.append(one.alert.id)
  }
}
