import Machinery
import Messages

/// What the notifier owes: attempts to providers, and to the escalator how each page fares and what people answered.
public enum NotificationDebt: Owed, Hashable {
  case attempt(Attempt)
  case receipt(PageReceipt)
  case answer(PageAnswer)

  public var key: DebtKey {
    switch self {
    case .attempt(let attempt): attempt.key
    case .answer(let answer): DebtKey(id: answer.id, generation: 1)
    case .receipt(let receipt): DebtKey(id: receipt.pageId, generation: receipt.generation)
    }
  }
}
