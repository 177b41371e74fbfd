/// Signing in, and links of pages.
extension Templates {
  static let signIn = """
    {{>top}}<div class="door">
    <h1>Sign in</h1>
    {{#trouble}}<p class="trouble" role="alert">{{trouble}}</p>{{/trouble}}
    <form method="post" action="/sign-in">
    <input type="hidden" name="to" value="{{to}}">
    <label>Who are you? <input type="text" name="person" autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="64" required autofocus placeholder="ana" value="{{typed-person}}"></label>
    {{#wrong-person}}<p class="trouble" role="alert">{{wrong-person}}</p>{{/wrong-person}}
    <label>Send the code by <select name="channel">{{#channels}}<option value="{{value}}"{{#chosen}} selected{{/chosen}}>{{words}}</option>{{/channels}}</select></label>
    {{#wrong-channel}}<p class="trouble" role="alert">{{wrong-channel}}</p>{{/wrong-channel}}
    <button class="go">Send me a code</button>
    </form>
    <p class="calm">The code comes by your own channel, as your pages do.</p>
    </div>{{>bottom}}
    """

  static let code = """
    {{>top}}<div class="door">
    <h1>Enter your code</h1>
    {{#wrong}}<p class="trouble" role="alert">That isn't the code, or it isn't good any more. Five wrong ones use it up.</p>{{/wrong}}
    {{#trouble}}<p class="trouble" role="alert">{{trouble}}</p>{{/trouble}}
    {{^again}}<p>If {{person}} is known here, a code is on its way. It holds for ten minutes.</p>{{/again}}
    <form method="post" action="/sign-in/code">
    <input type="hidden" name="ask" value="{{ask}}"><input type="hidden" name="to" value="{{to}}"><input type="hidden" name="person" value="{{person}}">
    <label>Code <input type="text" name="code" class="code" inputmode="numeric" autocomplete="one-time-code" maxlength="12" required autofocus value="{{typed-code}}"></label>
    {{#wrong-code}}<p class="trouble" role="alert">{{wrong-code}}</p>{{/wrong-code}}
    <button class="go">Sign in</button>
    </form>
    <p><a href="/sign-in">Ask for another code</a></p>
    <p class="calm">Nobody gets more than five codes in a quarter of an hour, nor any for a day after twenty wrong ones. Sessions that there are hold, and pages come all the same.</p>
    </div>{{>bottom}}
    """

  static let signInLink = """
    {{>top}}<div class="door">
    {{#whole}}<h1>Sign in as {{person}}?</h1>
    <form method="post" action="{{path}}"><button class="go">Sign in as {{person}}</button></form>
    <p class="calm">Only if you are {{person}}, and have asked for this yourself.</p>{{/whole}}
    {{^whole}}<h1>Sign in</h1>
    <p class="trouble">This link isn't whole: it doesn't say whose it is. Enter the code that came with it, or ask for another.</p>
    <p><a href="/sign-in">Ask for another code</a></p>{{/whole}}
    </div>{{>bottom}}
    """

  static let answer = """
    {{>top}}<div class="door">
    <h1>{{deed}} {{incident}}?</h1>
    <p class="words">{{summary}}</p>
    {{#expired}}<p class="trouble">This link is too old to be used.</p>{{/expired}}
    {{^expired}}<form method="post" action="{{path}}"><button class="go">{{deed}} {{incident}}</button></form>{{/expired}}
    <p><a href="{{href}}">Look at the incident</a></p>
    </div>{{>bottom}}
    """

  static let answered = """
    {{>top}}<div class="door">
    <h1>{{title}}</h1>
    <p class="words">{{words}}</p>
    {{#href}}<p><a class="button" href="{{href}}">Look at the incident</a></p>{{/href}}
    </div>{{>bottom}}
    """
}
