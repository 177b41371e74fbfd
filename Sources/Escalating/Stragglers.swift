import Messages

/// What others go on with although it is over and held here no more: alerts that intake has open, pages that the notifier
/// would still send. They must be told once more; nothing else of them is in memory.
struct Stragglers: Sendable {
  private var closings: [String: ClosingOwed] = [:]
  private var withdrawals: [String: WithdrawalOwed] = [:]

  var closingsOwed: [ClosingOwed] { closings.values.sorted { $0.incidentId < $1.incidentId } }
  var withdrawalsOwed: [WithdrawalOwed] { withdrawals.values.sorted { $0.pageId < $1.pageId } }

  func closing(of incident: String) -> ClosingOwed? { closings[incident] }
  func withdrawal(of page: String) -> WithdrawalOwed? { withdrawals[page] }
  func contains(_ debt: String) -> Bool { closings[debt] != nil || withdrawals[debt] != nil }

  mutating func remember(_ closing: ClosingOwed) { closings[closing.incidentId] = closing }
  mutating func remember(_ withdrawal: WithdrawalOwed) { withdrawals[withdrawal.pageId] = withdrawal }

  mutating func settle(_ debt: String) {
    closings[debt] = nil
    withdrawals[debt] = nil
  }

  /// The wall clock jumped.
  mutating func shift(by span: Span) {
    for (id, closing) in closings { closings[id]?.closedAt = closing.closedAt + span }
  }
}
