import Messages
import Serving

/// The one cookie: the session. Scripts don't see it, other sites' requests don't carry it, and where the pages are reached by TLS it
/// goes nowhere else (`__Host-` binds it to this very host).
struct Cookies: Sendable {
  let url: SiteURL

  private var name: String { url.isSecure ? "__Host-tocsin" : "tocsin" }

  func session(of head: WebHead) -> Substring? {
    for part in head.header("cookie").split(whereSeparator: { $0 == ";" || $0 == "," }) {
      let pair = part.drop { $0 == " " }
      if pair.hasPrefix("\(name)=") { return pair.dropFirst(name.count + 1) }
    }
    return nil
  }

  func set(_ token: String) -> String { "\(name)=\(token); Max-Age=\(Session.holdsFor.milliseconds / 1_000)\(rest)" }

  func clear() -> String { "\(name)=; Max-Age=0\(rest)" }

  /// `Lax` and not `Strict`: a link in a page must find who has signed in.
  private var rest: String { "; Path=/; HttpOnly; SameSite=Lax\(url.isSecure ? "; Secure" : "")" }
}
