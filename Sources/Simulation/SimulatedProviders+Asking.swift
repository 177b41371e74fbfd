import Machinery
import Messages
import Notifying

/// What providers say when they are asked about what they have: the list may lag, and a receipt comes when it has happened.
extension SimulatedProviders {
  func answer(_ question: Attempt.Question, about attempt: Attempt) -> Settlement {
    var answer = Settlement(peer: .provider, key: attempt.key, status: .ok)
    switch question {
    case .arrival:
      guard let name = names[attempt.deliveryID]?.last, !lags() else {
        answer.status = .notFound
        answer.words = "no such message"
        return answer
      }
      answer.reference = name
      answer.words = "\(answer.reference) queued"
    case .receipt(let id):
      answer.reference = id
      answer.reached = undelivered.contains(id) ? .failed : .delivered
      if answer.reached == .failed {
        world.promises.undelivered(attempt, at: world.agenda.now)
        world.promises.troubled(attempt, isKnown: true, begun: world.agenda.now, at: world.agenda.now)
      }
      answer.words = "\(id) \(answer.reached)"
    }
    return answer
  }
}

extension Attempt {
  var deliveryID: String { "\(id)#\(delivery)" }
}
