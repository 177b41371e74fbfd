import Messages
import Mustache
import Serving

/// Pages from templates.
struct Printer: Sendable {
  private let library: MustacheLibrary
  private let assets: Assets
  private let url: SiteURL

  init(_ assets: Assets, _ url: SiteURL) throws(SiteFault) {
    self.assets = assets
    self.url = url
    var templates: [String: MustacheTemplate] = [:]
    for (name, text) in Templates.all {
      do {
        // Each says so itself: a part doesn't have it of the whole.
        templates[name] = try PageContent.template(text)
      } catch {
        throw SiteFault("the template \(name) can't be read: \(error)")
      }
    }
    library = MustacheLibrary(templates: templates)
  }

  func page(
    _ template: String, _ title: String, _ fields: Shown.Fields, for visit: Visit, status: Int = 200,
    headers: [String: String] = [:]
  ) -> WebAnswer {
    var all = fields
    all["title"] = .text(title)
    all["stylesheet"] = .text(assets.stylesheet.path)
    all["script"] = .text(assets.script.path)
    all["icon"] = .text(assets.icon.path)
    all["visitor"] = .text(visit.visitor?.name ?? "")
    all["seal"] = .text(visit.visitor?.formSeal ?? "")
    if all["once"] == nil { all["once"] = .nonce(at: visit.now) }
    all["forwarded"] = .flag(visit.visitor?.isForwarded ?? false)
    all["said"] = .text(visit.said)
    for place in Self.places { all["at-\(place.name)"] = .flag(Self.isAt(place.path, visit.request.head.path)) }
    guard let html = library.render(all.rendered, withTemplate: template) else {
      preconditionFailure("there is no template \(template)")
    }
    return WebAnswer(status, "text/html; charset=utf-8", html, headers: headers.merging(guarding) { given, _ in given })
  }

  private static func isAt(_ place: String, _ path: String) -> Bool {
    path == place || (place != "/" && path.hasPrefix("\(place)/"))
  }

  private static let places: [(name: String, path: String)] = [
    ("home", "/"), ("incidents", "/incidents"), ("schedule", "/schedule"), ("swaps", "/swaps"),
    ("handoff", "/handoff"),
  ]

  /// Nothing from elsewhere, nothing inline, nobody's frame; where a reader goes from here tells nobody else where they were. (Not
  /// `no-referrer`: with that, browsers say of our own forms that they stood nowhere, `Origin: null`.)
  private var guarding: [String: String] {
    guard url.isSecure else { return Self.always }
    return Self.always.merging(["Strict-Transport-Security": "max-age=31536000"]) { given, _ in given }
  }

  private static let always = [
    "Content-Security-Policy":
      "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
      + "frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "same-origin", "X-Frame-Options": "DENY", "X-Robots-Tag": "noindex",
    "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
  ]
}
