import Messages
import Serving
import Wire

/// Links that pages carry: to open one shows what it would do, its button does it. Nobody needs to have signed in; the link is the
/// proof, made by the notifier for one page and one person.
extension Site {
  private static let looksAgainAfter = Duration.milliseconds(100)
  private static let looksAtMost = 20

  func showAnswer(_ visit: Visit) async throws(Refusal) -> WebAnswer {
    let link = try await desk.ask(.notifier, PageLinksMethods.show, PageLink(token: try token(visit)))
    return printer.page(
      "answer", "\(link.deed.word) \(link.incidentId)?",
      [
        "deed": .text(link.deed.word), "incident": .text(link.incidentId), "summary": .text(link.summary),
        "person": .text(link.person), "expired": .flag(link.expired),
        "path": .text(PlainPath.to("answer", visit.wild[0])),
        "href": .text(PlainPath.to("incidents", link.incidentId)),
      ], for: visit)
  }

  func giveAnswer(_ visit: Visit) async throws(Refusal) -> WebAnswer {
    var words = try await desk.ask(.notifier, PageLinksMethods.answer, PageLink(token: try token(visit)))
    let kept = words.words
    // The escalator's word, if it comes within the two seconds that somebody waits.
    var looks = 0
    while !words.answerId.isEmpty, looks < Self.looksAtMost {
      looks += 1
      try? await Task.sleep(for: Self.looksAgainAfter)
      let asked = AnswerOutcomeRequest(answerId: words.answerId)
      // It is kept, whatever becomes of this question.
      guard case .success(let now) = await desk.part(.notifier, PageLinksMethods.outcome, asked) else { break }
      words = now
      if !words.answerId.isEmpty { words.taken = true }
    }
    return printer.page(
      "answered", words.taken ? "Thank you" : "Nothing is changed",
      [
        "words": .text(words.words.isEmpty ? kept : words.words),
        "href": .text(words.incidentId.isEmpty ? "" : PlainPath.to("incidents", words.incidentId)),
      ], for: visit, status: words.taken ? 200 : 410)
  }

  private func token(_ visit: Visit) throws(Refusal) -> String {
    let token = visit.wild[0]
    guard token.utf8.count <= 1_024, token.utf8.allSatisfy({ 0x21...0x7e ~= $0 }) else {
      throw .notFound("this link leads nowhere")
    }
    return token
  }
}
