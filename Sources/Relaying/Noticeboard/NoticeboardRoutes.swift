import Messages
import Serving

/// What anybody may ask of a noticeboard; for a calendar they need its address.
extension Noticeboard {
  /// - Parameter stranger: told of an address that nobody was given.
  func routes(stranger: @escaping @Sendable () -> Void) -> [Route] {
    var routes: [Route] = []
    if hasCalendars {
      routes.append(
        Route("GET", "HEAD", at: "/calendar/*", proof: .nobody, bodyAtMost: 0, words: PlainWords()) {
          [self] asked, answer in
          guard asked.wild[0].hasSuffix(".ics"), let theirs = subscription(by: asked.wild[0].dropLast(4).description),
            let kept = calendar(of: theirs)
          else {
            stranger()
            return answer(.text(404, "there is no such calendar\n"))
          }
          kept.get { answer(Self.calendar($0?.value, $1, for: asked.request.head)) }
        })
    }
    if let statusPage {
      for form in StatusForm.allCases {
        routes.append(
          Route("GET", "HEAD", at: form.path, proof: .nobody, bodyAtMost: 0, words: PlainWords()) {
            [title] asked, answer in
            statusPage.get { known, refusal in
              let view = StatusView(
                known?.value, at: known?.at, isCurrent: refusal == nil, title: title, now: WallClock.now())
              answer(Self.tagged(form.answer(view), for: asked.request.head))
            }
          })
      }
    }
    return routes
  }

  /// An old calendar is worse than none: whoever subscribed keeps what they have when there is no answer.
  private static func calendar(_ file: CalendarFile?, _ refusal: Refusal?, for head: WebHead) -> WebAnswer {
    if let refusal {
      guard refusal.status != .notFound, refusal.status != .invalidArgument else {
        return .text(404, "there is no such calendar\n")
      }
      return .text(503, "the schedule can't be reached now\n", headers: ["Retry-After": "60"])
    }
    guard let file else { return .text(503, "the schedule can't be reached now\n", headers: ["Retry-After": "60"]) }
    var answer = WebAnswer(
      200, "text/calendar; charset=utf-8",
      headers: [
        "Cache-Control": "private, max-age=300", "ETag": file.tag.text,
        "Content-Disposition": "inline; filename=\"on-call.ics\"",
      ])
    answer.body = file.text
    return unchanged(answer, file.tag, for: head)
  }

  private static func tagged(_ answer: WebAnswer, for head: WebHead) -> WebAnswer {
    guard answer.status == 200 else { return answer }
    let tag = EntityTag(of: answer.body)
    var answer = answer
    answer.headers["ETag"] = tag.text
    return unchanged(answer, tag, for: head)
  }

  /// 304 for who has it already.
  private static func unchanged(_ answer: WebAnswer, _ tag: EntityTag, for head: WebHead) -> WebAnswer {
    guard tag.isAmong(head.header("if-none-match")) else { return answer }
    return WebAnswer(304, headers: answer.headers.filter { ["Cache-Control", "ETag", "Vary"].contains($0.key) })
  }
}
