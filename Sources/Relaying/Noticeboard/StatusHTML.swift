import Cryptography
import Messages
import Mustache
import Pages
import Serving
import Wire

/// The status page for people: one document without script, image, cookie or anything from elsewhere, for a phone and for a desk, by
/// day and by night.
enum StatusHTML {
  static func answer(_ view: StatusView) -> WebAnswer {
    WebAnswer(
      200, "text/html; charset=utf-8", template.render(Page(view)),
      headers: [
        "Content-Security-Policy":
          "default-src 'none'; style-src 'sha256-\(styleDigest)'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        "Referrer-Policy": "no-referrer",
      ])
  }

  // MARK: What the template sees

  struct Page {
    var title: String
    var style: String
    var summary: String
    /// "open", "unknown" or "calm"
    var state: String
    var warning: String?
    var open: [Notice]
    var hasPast: Bool
    var days: [Day]

    init(_ view: StatusView) {
      title = view.title
      style = StatusHTML.style
      summary = view.summary
      state = view.notices == nil ? "unknown" : view.open.isEmpty ? "calm" : "open"
      warning = view.warning
      open = view.open.map { Notice($0) }
      hasPast = !view.past.isEmpty
      days = []
      for notice in view.past {
        let day = StatusView.day(notice.beganAt)
        if days.last?.day != day { days.append(Day(day: day, notices: [])) }
        days[days.count - 1].notices.append(Notice(notice))
      }
    }
  }

  struct Day {
    var day: String
    var notices: [Notice]
  }

  struct Notice {
    var id: String
    var status: String
    var headline: String
    var span: String
    var updates: [Update]

    init(_ notice: StatusView.Notice) {
      id = "\(notice.id)"
      status = notice.status
      headline = notice.headline
      span = "Since \(StatusView.time(notice.beganAt))"
      if !notice.isOpen {
        let isSameDay = StatusView.day(notice.beganAt) == StatusView.day(notice.endedAt)
        let end = isSameDay ? "\(StatusView.clock(notice.endedAt)) UTC" : StatusView.time(notice.endedAt)
        span =
          isSameDay
          ? "\(StatusView.day(notice.beganAt)), \(StatusView.clock(notice.beganAt)) to \(end)"
          : "\(StatusView.time(notice.beganAt)) to \(end)"
      }
      updates = notice.updates.map { Update($0) }
    }
  }

  struct Update {
    var status: String
    var at: String
    var machine: String
    var lines: [Line]

    init(_ update: StatusView.Update) {
      status = update.status
      at = StatusView.time(update.at)
      machine = update.at.rfc3339
      lines = update.lines.map { Line(name: $0.name.isEmpty ? nil : $0.name, text: $0.text) }
    }
  }

  struct Line {
    var name: String?
    var text: String
  }

  // MARK: The page

  private static let template: MustacheTemplate = {
    do {
      return try PageContent.template(document)
    } catch {
      preconditionFailure("the status page's template must be one: \(error)")
    }
  }()

  private static let styleDigest = Base64.text(SHA256.hash(style))

  private static let document = """
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <meta http-equiv="refresh" content="60">
    <title>{{title}}</title>
    <link rel="alternate" type="application/atom+xml" title="{{title}}" href="status.atom">
    <style>{{{style}}}</style>
    </head>
    <body>
    <header><h1>{{title}}</h1></header>
    <main>
    <p class="summary {{state}}" role="status">{{summary}}</p>
    {{#warning}}<p class="warning">{{.}}</p>
    {{/warning}}{{#open}}<article id="n{{id}}" class="open">
    <h2><span class="word">{{status}}</span> {{headline}}</h2>
    <p class="span">{{span}}</p>
    <ol>{{#updates}}<li><p><strong>{{status}}</strong> <time datetime="{{machine}}">{{at}}</time></p>
    {{#lines}}<p class="said">{{#name}}<span class="name">{{.}}:</span> {{/name}}{{text}}</p>
    {{/lines}}</li>
    {{/updates}}</ol>
    </article>
    {{/open}}{{#hasPast}}<h2 class="before">Last two weeks</h2>
    {{/hasPast}}{{#days}}<section>
    <h3>{{day}}</h3>
    {{#notices}}<details id="n{{id}}">
    <summary>{{headline}} <span class="span">{{span}}</span></summary>
    <ol>{{#updates}}<li><p><strong>{{status}}</strong> <time datetime="{{machine}}">{{at}}</time></p>
    {{#lines}}<p class="said">{{#name}}<span class="name">{{.}}:</span> {{/name}}{{text}}</p>
    {{/lines}}</li>
    {{/updates}}</ol>
    </details>
    {{/notices}}</section>
    {{/days}}</main>
    <footer><a href="status.atom">Feed</a> <a href="status.json">Data</a></footer>
    </body>
    </html>

    """

  private static let style = """
    :root { color-scheme: light dark; --ground: #fbfaf7; --ink: #23211d; --faint: #6a655c; --line: #ddd8cd; --calm: #1f6b3a;
      --open: #9c3412; --unknown: #6a5a12; --card: #ffffff; }
    @media (prefers-color-scheme: dark) { :root { --ground: #17161a; --ink: #ece9e3; --faint: #a39e94; --line: #3a3740;
      --calm: #7fd39b; --open: #ffa27f; --unknown: #e6cf72; --card: #211f25; } }
    * { box-sizing: border-box; }
    body { margin: 0 auto; max-width: 44rem; padding: 1rem; background: var(--ground); color: var(--ink);
      font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
    h1 { font-size: 1.4rem; margin: .5rem 0; } h2 { font-size: 1.15rem; margin: 0; } h3 { font-size: 1rem; margin: 1.5rem 0 .5rem; }
    h2.before { margin: 2.5rem 0 0; }
    .summary { font-size: 1.2rem; font-weight: 600; padding: 1rem; border: 2px solid; border-radius: .5rem; margin: 1rem 0; }
    .calm { color: var(--calm); } .summary.open { color: var(--open); } .unknown { color: var(--unknown); }
    .warning { border-left: .3rem solid var(--unknown); padding: .25rem .75rem; margin: 1rem 0; }
    article, details { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: 1rem; margin: 1rem 0; }
    details { padding: .75rem 1rem; } details > summary { cursor: pointer; }
    .word { color: var(--open); } .span, time { color: var(--faint); font-size: .9rem; } p.span { margin: .25rem 0 0; }
    details .span { display: block; }
    ol { list-style: none; margin: 1rem 0 0; padding: 0; } li { border-top: 1px solid var(--line); padding: .75rem 0 0; margin: .75rem 0 0; }
    li p { margin: 0 0 .25rem; } .said { white-space: pre-line; } .name { color: var(--faint); }
    footer { margin: 2rem 0 1rem; } footer a { color: inherit; margin-right: 1rem; }

    """
}
