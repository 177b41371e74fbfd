import DequeModule
import Messages

/// Answers to pages that were carried out or refused, so that one which is handed over again has no second effect and gets the
/// same words.
struct PageAnswers: Sendable {
  /// Longer than a page can be answered by its own channel.
  static let remembers = Span.hours(48)

  private var known: [String: PageAnsweredKept] = [:]
  private var inOrder: Deque<String> = []

  func reply(to id: String) -> PageAnswerReply? {
    known[id].map { PageAnswerReply(words: $0.words, refused: $0.refused, status: $0.status) }
  }

  mutating func remember(_ answered: PageAnsweredKept) {
    if known.updateValue(answered, forKey: answered.id) == nil { inOrder.append(answered.id) }
    while let first = inOrder.first, let oldest = known[first],
      oldest.answeredAt + Self.remembers < answered.answeredAt
    {
      known[first] = nil
      inOrder.removeFirst()
    }
  }

  mutating func shift(by span: Span) {
    for (id, answered) in known { known[id]?.answeredAt = answered.answeredAt + span }
  }

  /// Oldest first.
  var all: [PageAnsweredKept] { inOrder.compactMap { known[$0] } }
}
