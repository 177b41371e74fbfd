/// What stands around each page.
extension Templates {
  static let top = """
    <!doctype html>
    <html lang="en" data-live="{{#live}}yes{{/live}}">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
    <meta name="robots" content="noindex">
    <meta name="color-scheme" content="light dark">
    <title>{{title}} · Tocsin</title>
    <link rel="icon" href="{{icon}}" type="image/svg+xml">
    <link rel="stylesheet" href="{{stylesheet}}">
    <script src="{{script}}" defer></script>
    </head>
    <body{{^visitor}} class="outside"{{/visitor}}>
    <a class="skip" href="#main">To the content</a>
    <header class="bar">
    <a class="brand" href="/">Tocsin</a>
    {{#live}}<span id="live" role="status"></span>{{/live}}
    {{#visitor}}<nav aria-label="Pages">
    <a href="/"{{#at-home}} aria-current="page"{{/at-home}}>On call</a>
    <a href="/incidents"{{#at-incidents}} aria-current="page"{{/at-incidents}}>Incidents</a>
    <a href="/schedule#today"{{#at-schedule}} aria-current="page"{{/at-schedule}}>Schedule</a>
    <a href="/swaps"{{#at-swaps}} aria-current="page"{{/at-swaps}}>Swaps</a>
    <a href="/handoff"{{#at-handoff}} aria-current="page"{{/at-handoff}}>Handoff</a>
    </nav>{{/visitor}}
    </header>
    <main id="main">
    {{#said}}<p class="said" role="status">{{said}}</p>{{/said}}

    """

  static let bottom = """
    </main>
    {{#visitor}}<footer>
    <span>{{visitor}}</span>
    {{^forwarded}}<form method="post" action="/sign-out">{{>seal}}<button class="plain">Sign out</button></form>
    <form method="post" action="/sign-out/everywhere">{{>seal}}<button class="plain">Sign out everywhere</button></form>{{/forwarded}}
    </footer>{{/visitor}}
    </body>
    </html>

    """

  static let seal = """
    <input type="hidden" name="seal" value="{{seal}}"><input type="hidden" name="once" value="{{once}}">
    """

  static let teams = """
    {{#teams}}<a class="chip" href="{{href}}"{{#chosen}} aria-current="true"{{/chosen}}>{{name}}</a> {{/teams}}
    """

  static let failure = """
    {{>top}}<h1>{{title}}</h1>
    <p class="words">{{words}}</p>
    {{#again}}{{#back}}<p><a class="button" href="{{back}}">Try again</a></p>{{/back}}{{/again}}
    <p><a href="/">To the first page</a></p>
    {{>bottom}}
    """
}
