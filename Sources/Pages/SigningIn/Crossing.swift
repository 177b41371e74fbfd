import Serving

/// Whether a request that changes something comes from our own pages. Two locks, each enough by itself: what browsers say of where a
/// form stood, and a seal of the session in the form.
enum Crossing {
  /// Browsers name the origin of each POST; one that says nothing of it at all isn't sent by another site's page.
  static func isOurs(_ head: WebHead, _ url: SiteURL) -> Bool {
    let origin = head.header("origin")
    guard origin.isEmpty else { return origin.lowercased() == url.origin }
    let site = head.header("sec-fetch-site")
    return site.isEmpty || site == "same-origin" || site == "none"
  }

  /// Whether the browser says so by name.
  static func isNamedOurs(_ head: WebHead, _ url: SiteURL) -> Bool { head.header("origin").lowercased() == url.origin }
}
