import Machinery
import Messages

/// What the notifier owes: attempts to providers, and to the escalator how each page fares.
public enum NotificationDebt: Owed, Hashable {
  case attempt(Attempt)
  case receipt(PageReceipt)

  public var key: DebtKey {
    switch self {
    case .attempt(let attempt): attempt.key
    case .receipt(let receipt): DebtKey(id: receipt.pageId, generation: receipt.generation)
    }
  }
}
