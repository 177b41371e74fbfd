import Serving

/// In which form the status page is asked for.
enum StatusForm: CaseIterable {
  case page, data, feed

  var path: String {
    switch self {
    case .page: "/status"
    case .data: "/status.json"
    case .feed: "/status.atom"
    }
  }

  /// What is no secret may be kept by anybody for as long as it is kept here.
  func answer(_ view: StatusView) -> WebAnswer {
    var answer: WebAnswer
    switch self {
    case .page: answer = StatusHTML.answer(view)
    case .data: answer = WebAnswer(200, "application/json", StatusJSON.text(view))
    case .feed: answer = WebAnswer(200, "application/atom+xml; charset=utf-8", StatusAtom.text(view))
    }
    if view.notices == nil {
      answer.status = 503
      answer.headers["Retry-After"] = "30"
    } else {
      answer.headers["Cache-Control"] = "public, max-age=\(Noticeboard.pageGoodFor.milliseconds / 1_000)"
    }
    if self != .page { answer.headers["Access-Control-Allow-Origin"] = "*" }
    return answer
  }
}
