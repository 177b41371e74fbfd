import Messages
import Pages
import Serving

/// The pages for people, beside the sources' paths.
extension Relay {
  func pageRoutes(_ site: Site) -> [Route] {
    site.routes.map { page in
      var route = Route(at: page.path, proof: .nobody, bodyAtMost: page.bodyAtMost, words: PageWords(site: site)) {
        asked, answer in
        Task { answer(await page.answer(asked.request, asked.wild)) }
      }
      route.methods = page.methods
      return route
    }
  }
}

/// What browsers are told when a request isn't one.
struct PageWords: AnswerWords {
  let site: Site

  func stranger() -> WebAnswer { site.failure(403, "This needs a key.", nil) }
  func invalid(_ words: String) -> WebAnswer { site.failure(400, words, nil) }
  func refused(_ status: Int, _ words: String) -> WebAnswer { site.failure(status, words, nil) }
  func tooLarge(atMost bytes: Int) -> WebAnswer {
    site.failure(413, "At most \(bytes / 1_024) KiB are taken here.", nil)
  }
  func later(_ words: String, after seconds: Int64, isThrottle: Bool) -> WebAnswer {
    var answer = site.failure(503, "Try again in a moment: \(words).", nil)
    answer.headers["Retry-After"] = "\(seconds)"
    return answer
  }
}
