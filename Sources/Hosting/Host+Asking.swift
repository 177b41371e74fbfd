import Bus
import Machinery
import Messages
import Tiers

/// What this tier asks a peer every few seconds, for its rules: the notifier asks intake what it has accepted.
extension Host {
  static var asksEvery: Int64 { 15_000 }
  /// A long answer comes in parts, with room between them for what this tier is there for.
  static var asksMoreAfter: Int64 { 100 }

  func askAgainAndAgain(_ question: Question<Rules>, after milliseconds: Int64) {
    guard clients[question.peer] != nil else { return }
    thread.after(milliseconds: milliseconds) { [unowned self] in ask(question) }
  }

  private func ask(_ question: Question<Rules>) {
    guard let client = clients[question.peer], client.isConnected, let payload = question.payload(engine.rules) else {
      return askAgainAndAgain(question, after: Self.asksEvery)
    }
    client.call(question.path, payload, timeout: .seconds(10), identity: .content) { [unowned self] result in
      var isMore = false
      switch result {
      case .success(let answer):
        if let (input, more) = question.input(answer) {
          isMore = more
          answeredAt[question.peer] = clock.now()
          engine.receive(input, as: nil, ticket: .nobody, at: clock.now(), encode: { _ in [] })
          thread.post {}
        } else {
          log.error("\(question.peer) answered \(question.path) with what can't be read")
        }
      case .failure(let refusal): log.notice("\(question.peer) did not answer \(question.path): \(refusal.message)")
      }
      askAgainAndAgain(question, after: isMore ? Self.asksMoreAfter : Self.asksEvery)
    }
  }
}
