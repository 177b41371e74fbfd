import Cryptography
import Messages
import Serving

/// The files that pages name: each under the digest of what it holds, so that a browser keeps it for good and sees a new one at once.
struct Assets: Sendable {
  struct Asset: Sendable {
    var path: String
    var mediaType: String
    var text: String

    init(_ name: String, _ mediaType: String, _ text: String) {
      let digest = HexText.of(SHA256.hash(text).prefix(8))
      path = "/assets/\(digest)/\(name)"
      self.mediaType = mediaType
      self.text = text
    }

    var answer: WebAnswer {
      WebAnswer(
        200, mediaType, text,
        headers: [
          "Cache-Control": "public, max-age=31536000, immutable", "Cross-Origin-Resource-Policy": "same-origin",
        ])
    }
  }

  let stylesheet = Asset("pages.css", "text/css; charset=utf-8", Stylesheet.text)
  let script = Asset("pages.js", "text/javascript; charset=utf-8", Script.text)
  let icon = Asset("icon.svg", "image/svg+xml", Icon.text)

  func asset(at path: String) -> Asset? { [stylesheet, script, icon].first { $0.path == path } }
}
