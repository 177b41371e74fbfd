import Machinery
import Messages

/// What others still go on with although it is over. Without a fault nobody does: it shows that a disk lost rows that had
/// been said to be durable, here or there.
extension Escalations {
  /// Intake hands over as open what is over here: it has lost that it was told.
  func remindOfEnd(_ alert: Alert, closedAt: Instant) -> [EscalationFact] {
    let isOwed =
      members[alert.id]?.owesClosing ?? incidents[alert.id]?.owesClosing ?? (stragglers.closing(of: alert.id) != nil)
    guard alert.state != .resolved, !isOwed else { return [] }
    return [
      EscalationFact(
        kind: .closingOwed(ClosingOwed(incidentId: alert.id, generation: alert.generation, closedAt: closedAt)))
    ]
  }

  /// The notifier would go on with a page that is not wanted: its withdrawal is lost, or the page's own fate is lost here.
  func withdrawAgain(_ receipt: PageReceipt) -> [EscalationFact] {
    guard receipt.wanted, isOver(receipt), stragglers.withdrawal(of: receipt.pageId) == nil else { return [] }
    return [
      EscalationFact(
        kind: .withdrawalOwed(
          WithdrawalOwed(incidentId: receipt.incidentId, pageId: receipt.pageId, person: receipt.person)))
    ]
  }

  /// A page with duty stays in memory as long as it is wanted, so one that isn't there is not; words for information need
  /// not be.
  private func isOver(_ receipt: PageReceipt) -> Bool {
    guard let incident = incidents[receipt.incidentId] else { return true }
    guard let page = incident.page(receipt.pageId) else { return !incident.isOpen || receipt.purpose == .duty }
    return page.isWithdrawn && !page.isOwed
  }

  mutating func owe(_ closing: ClosingOwed) {
    let key = DebtKey(id: closing.incidentId, generation: closing.generation)
    debtsToIntake.owe(key, urgency: 0, since: closing.closedAt)
    guard var incident = incidents.take(members.whole(of: closing.incidentId)) else {
      return stragglers.remember(closing)
    }
    let member = members.change(closing.incidentId) { $0.closedAt = closing.closedAt }
    if member == nil {
      incident.owesClosing = true
      incident.alertGeneration = max(incident.alertGeneration, closing.generation)
    }
    incident.stop(.forget)
    put(incident)
  }

  mutating func owe(_ withdrawal: WithdrawalOwed, at instant: Instant) {
    debtsToNotifier.owe(
      DebtKey(id: withdrawal.pageId, generation: UInt64(HeldPage.withdrawn)), urgency: 0, since: instant)
    guard var incident = incidents[withdrawal.incidentId], let index = incident.index(ofPage: withdrawal.pageId) else {
      return stragglers.remember(withdrawal)
    }
    incident.pages[index].oweWithdrawal()
    incident.stop(.forget)
    put(incident)
  }
}
