/// The schedule, swaps, the handoff.
extension Templates {
  static let schedule = """
    {{>top}}
    <h1>{{month}} <small>{{team}}, {{zone}}</small></h1>
    <p>{{>teams}}</p>
    <p class="turn"><a class="button" href="{{before}}">Earlier</a> <a class="button" href="{{here}}">Now</a> <a class="button" href="{{after}}">Later</a></p>
    <div class="month" role="table" aria-label="{{month}}">
    <div class="week names" role="row" aria-hidden="true"><span>Mon</span><span>Tue</span><span>Wed</span><span>Thu</span><span>Fri</span><span>Sat</span><span>Sun</span></div>
    {{#weeks}}<div class="week" role="row">
    {{#days}}<div role="cell"{{#today}} id="today"{{/today}} class="day{{#outside}} outside{{/outside}}{{#today}} today{{/today}}{{#weekend}} weekend{{/weekend}}">
    <span class="date"><span class="weekday">{{weekday}} </span>{{number}}</span>
    {{#shifts}}<span class="shift tier{{tier}}{{#gap}} gap{{/gap}}{{#past}} past{{/past}}{{#me}} me{{/me}}" title="{{word}}: {{why}}"><b>{{tier}}</b> {{#since}}<i>{{since}}</i> {{/since}}{{person}}</span>{{/shifts}}
    </div>{{/days}}
    </div>{{/weeks}}
    </div>
    <p class="calm">1 primary, 2 secondary, 3 tertiary. A time stands where a shift begins in the day.</p>
    {{#hasNotes}}<section><h2>Rules that can't be met</h2><ul class="told">{{#notes}}<li><b>{{rule}}</b> {{text}}</li>{{/notes}}</ul></section>{{/hasNotes}}
    {{>bottom}}
    """

  static let swaps = """
    {{>top}}<h1>Swaps</h1>
    {{#mine}}<article class="card swap">{{>swap}}
    <div class="pair"><form method="post" action="{{agree}}">{{>seal}}<button class="go">Agree</button></form>
    <form method="post" action="{{decline}}">{{>seal}}<button>Decline</button></form></div>
    </article>{{/mine}}
    {{#noneMine}}<p class="calm">No swap waits for your word.</p>{{/noneMine}}
    {{#hasOthers}}<h2>Waiting for others <small>times in {{zone}}</small></h2>{{/hasOthers}}
    {{#others}}<article class="card swap">{{>swap}}
    {{#canWithdraw}}<div class="pair"><form method="post" action="{{decline}}">{{>seal}}<button>Withdraw</button></form></div>{{/canWithdraw}}
    </article>{{/others}}
    {{>bottom}}
    """

  static let swap = """
    <p><b>{{giver}}</b> gives <b>{{tier}}</b> of {{team}} to <b>{{takers}}</b></p>
    <p>{{span}}</p>
    {{#back}}<p>In return: {{back}}</p>{{/back}}
    {{#reason}}<p class="why">{{reason}}</p>{{/reason}}
    <p class="facts">{{id}} · asked {{asked}}{{#consents}} · {{consents}}{{/consents}}</p>

    """

  static let handoff = """
    {{>top}}
    <h1>Handoff <small>{{team}}</small></h1>
    <p>{{>teams}}</p>
    <p class="next">{{at}} {{zone}} · {{distance}}</p>
    <ul class="told">{{#attendees}}<li><span class="who">{{person}}</span> <span class="facts">{{part}}{{#required}} · must be there{{/required}}</span></li>{{/attendees}}</ul>
    {{#lists}}<section><h2>{{name}}</h2><ul class="checks">
    {{#items}}<li class="{{#done}}done{{/done}}">
    <form method="post" action="/handoff/tick">{{>seal}}<input type="hidden" name="team" value="{{teamId}}"><input type="hidden" name="at" value="{{when}}"><input type="hidden" name="item" value="{{id}}">{{#done}}<input type="hidden" name="undo" value="yes">{{/done}}
    <button class="tick" aria-label="{{#done}}Untick{{/done}}{{^done}}Tick{{/done}}: {{text}}">{{#done}}✓{{/done}}</button></form>
    <span>{{text}}{{#by}} <span class="facts">{{by}}</span>{{/by}}{{^by}}{{#person}} <span class="facts">{{person}}</span>{{/person}}{{/by}}</span>
    </li>{{/items}}
    </ul></section>{{/lists}}
    <section><h2>Document</h2>
    {{#trouble}}<p class="trouble">{{trouble}}</p>{{/trouble}}
    {{#document}}<pre class="document">{{document}}</pre>{{/document}}
    {{#signed}}<p class="calm">Signed by {{signed}}</p>{{/signed}}
    {{^signed}}<form method="post" action="/handoff/sign">{{>seal}}<input type="hidden" name="team" value="{{teamId}}"><input type="hidden" name="at" value="{{when}}"><button class="go">Sign</button></form>{{/signed}}
    {{#accepted}}<p class="calm">Accepted by {{accepted}}</p>{{/accepted}}
    {{#canAccept}}<form method="post" action="/handoff/accept">{{>seal}}<input type="hidden" name="team" value="{{teamId}}"><input type="hidden" name="at" value="{{when}}"><button class="go">Accept</button></form>{{/canAccept}}
    </section>
    {{>bottom}}
    """
}
