import Machinery
import Messages

/// The way of the synthetic alert through intake: a timer makes it, and it is owed to the escalator as a SEV-1 is.
extension Alerts {
  var syntheticOwed: SyntheticAlert? {
    let latest = synthetic.latest
    return latest.owed ? SyntheticAlert(number: latest.number, sentAt: latest.sentAt) : nil
  }

  mutating func apply(_ sent: SyntheticSent) {
    synthetic.remember(sent)
    guard sent.owed else { return debts.settle(Synthetic.id) }
    debts.owe(
      DebtKey(id: Synthetic.id, generation: sent.number), urgency: Int(Severity.sev1.rawValue), since: sent.sentAt)
  }

  func settleSynthetic(_ settlement: Settlement) -> [AlertFact] {
    synthetic.settled(settlement.key.generation).map { [AlertFact(kind: .syntheticSent($0))] } ?? []
  }
}

extension IntakeConfiguration {
  func checkSynthetic() throws(Refusal) {
    guard syntheticEvery == .zero || (.seconds(10))...Span.hours(1) ~= syntheticEvery else {
      throw .invalid("synthetic_every_ms", "from ten seconds to an hour, or 0 for never")
    }
  }
}
