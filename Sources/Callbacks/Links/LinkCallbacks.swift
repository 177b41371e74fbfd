import Listening
import Messages

/// Signed links of e-mails and push messages. To open one changes nothing, because mail scanners and previews open them too: it
/// asks, with one button, and works without scripts. The button's POST is the answer.
enum LinkCallbacks {
  static func ask(_ request: HTTPRequest, _ desk: CallbackDesk) async -> HTTPResponse {
    guard let link = Link(request), desk.isSealed(link.token) else {
      return page(404, "No such page", "This link leads nowhere.")
    }
    return page(
      200, "\(link.deed) \(link.incident)?",
      "<form method=\"post\"><button type=\"submit\">\(link.deed) \(link.incident)</button></form>")
  }

  static func act(_ request: HTTPRequest, _ desk: CallbackDesk) async -> HTTPResponse {
    guard let link = Link(request) else { return page(404, "No such page", "This link leads nowhere.") }
    guard let told = await desk.tell(.answer(AnswerGiven(channel: link.channel, token: link.token))) else {
      return page(503, "Not now", "Your answer could not be taken now. Try again, or use tocsinctl.")
    }
    return page(
      told.taken ? 200 : 410, told.taken ? "Thank you" : "Nothing is changed", XMLText.escaped(told.words))
  }

  static func proof(of request: HTTPRequest, _ desk: CallbackDesk) -> HTTPListener.Proof {
    desk.isSealed(token(in: request)) ? .sealedLink : .link
  }

  static func token(in request: HTTPRequest) -> String { String(request.path.dropFirst("/answer/".count)) }

  /// What a link says of itself: enough to ask by, and nothing is believed of it before the rules have looked.
  private struct Link {
    /// No page's is longer.
    static let bytesAtMost = 1_024

    let token: String
    let deed: String
    let channel: String
    let incident: String

    init?(_ request: HTTPRequest) {
      token = LinkCallbacks.token(in: request)
      let parts = token.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 5, token.utf8.count <= Self.bytesAtMost, token.utf8.allSatisfy({ Self.isPlain($0) }),
        PersonalChannel(rawValue: parts[1]) != nil,
        let deed = ["1": "Acknowledge", "2": "Escalate", "3": "Resolve"][parts[0]]
      else { return nil }
      self.deed = deed
      channel = parts[1]
      incident = String(parts[3].prefix { $0 != "~" })
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "~"):
        true
      default: false
      }
    }
  }

  private static func page(_ status: Int, _ title: String, _ content: String) -> HTTPResponse {
    HTTPResponse(
      status, "text/html; charset=utf-8",
      """
      <!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">\
      <meta name="robots" content="noindex"><title>\(title)</title></head><body><h1>\(title)</h1><div>\(content)</div></body></html>
      """,
      headers: [
        "Content-Security-Policy":
          "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
        "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY", "X-Robots-Tag": "noindex",
      ])
  }
}
