/// Who is on call, and incidents.
extension Templates {
  static let overview = """
    {{>top}}
    {{#quiet}}<h1>All is quiet</h1>
    <p class="calm">No incident is open.</p>{{/quiet}}
    {{^quiet}}<section aria-labelledby="mine">
    <h1 id="mine">Your incidents</h1>
    {{#trouble}}<p class="trouble">Incidents can't be told now: {{trouble}}</p>{{/trouble}}
    {{#mine}}{{>card}}{{/mine}}
    {{^mine}}{{^trouble}}<p class="calm">Nothing waits for you.</p>{{/trouble}}{{/mine}}
    </section>
    <section aria-labelledby="open">
    <h2 id="open">Open besides</h2>
    {{#others}}{{>card}}{{/others}}
    {{#left}}<p class="trouble">{{left}} more are open: tocsinctl incident list has them all.</p>{{/left}}
    {{^others}}{{^left}}{{^trouble}}<p class="calm">Nothing else is open.</p>{{/trouble}}{{/left}}{{/others}}
    </section>{{/quiet}}
    <section aria-labelledby="duty">
    <h2 id="duty">On call <small>times in {{zone}}</small></h2>
    {{#duty-trouble}}<p class="trouble">{{duty-trouble}}</p>{{/duty-trouble}}
    {{#teams}}
    <div class="team">
    <h3><a href="{{schedule}}">{{name}}</a></h3>
    <ul class="duty">
    {{#tiers}}<li class="{{#isPrimary}}first{{/isPrimary}}{{#gap}} gap{{/gap}}{{#me}} me{{/me}}">
    <span class="tier">{{tier}}</span>
    <span class="who">{{person}}{{#me}} <b class="you">you</b>{{/me}}</span>
    <span class="until">{{#until}}until {{until}}{{/until}}{{#next}}, then {{next}}{{/next}}</span>
    {{#why}}<span class="why">{{why}}</span>{{/why}}
    </li>{{/tiers}}
    </ul>
    </div>
    {{/teams}}
    </section>
    {{>bottom}}
    """

  static let card = """
    <article class="card {{level}}{{#unanswered}} unanswered{{/unanswered}}{{^isOpen}} over{{/isOpen}}">
    <a class="open" href="{{href}}">
    <span class="sev">{{severity}}</span>
    <span class="state">{{state}}{{#owner}} · {{#ownerIsMe}}you{{/ownerIsMe}}{{^ownerIsMe}}{{owner}}{{/ownerIsMe}}{{/owner}}</span>
    <span class="summary">{{summary}}</span>
    <span class="facts">{{id}}{{#service}} · {{service}}{{/service}} · {{opened}}{{#moreAlerts}} · {{moreAlerts}}{{/moreAlerts}}{{#snoozed}} · snoozed until {{snoozed}}{{/snoozed}}</span>
    {{#next}}<span class="next">{{next}}</span>{{/next}}
    </a>
    {{#canAcknowledge}}<form method="post" action="{{href}}/acknowledge">{{>seal}}<input type="hidden" name="back" value="home"><button class="go">Acknowledge</button></form>{{/canAcknowledge}}
    </article>

    """

  static let incidents = """
    {{>top}}<h1>{{title}}</h1>
    <p>{{#all}}<a class="chip" href="/incidents">Open</a> <a class="chip" aria-current="true" href="/incidents?all=yes">All recent</a>{{/all}}{{^all}}<a class="chip" aria-current="true" href="/incidents">Open</a> <a class="chip" href="/incidents?all=yes">All recent</a>{{/all}}</p>
    {{#incidents}}{{>card}}{{/incidents}}
    {{#none}}<p class="calm">All is quiet.</p>{{/none}}
    {{#more}}<p class="calm">There are more than fit here: tocsinctl incident list has them all.</p>{{/more}}
    {{>bottom}}
    """

  static let incident = """
    {{>top}}
    <div class="head {{level}}">
    <p><span class="sev">{{severity}}</span> <span class="state">{{state}}{{#owner}} · {{#ownerIsMe}}you{{/ownerIsMe}}{{^ownerIsMe}}{{owner}}{{/ownerIsMe}}{{/owner}}</span></p>
    <h1>{{summary}}</h1>
    <p class="facts">{{id}}{{#service}} · {{service}}{{/service}}{{#team}} · {{team}}{{/team}} · opened {{openedAt}} {{zone}}{{#moreAlerts}} · {{moreAlerts}}{{/moreAlerts}}</p>
    {{#merged}}<p class="next">Part of <a href="{{mergedHref}}">{{merged}}</a></p>{{/merged}}
    {{#snoozed}}<p class="next">Snoozed until {{snoozed}}</p>{{/snoozed}}
    {{#next}}<p class="next">Next: {{next}}</p>{{/next}}
    {{#isOpen}}{{#updateDue}}<p class="next">An update is due {{updateDue}}</p>{{/updateDue}}{{/isOpen}}
    </div>
    {{#isOpen}}
    <div class="deeds">
    {{#canAcknowledge}}<form method="post" action="{{href}}/acknowledge">{{>seal}}<button class="go">Acknowledge</button></form>{{/canAcknowledge}}
    <details id="update"><summary>Update</summary>
    {{>update-form}}</details>
    <details id="escalate"><summary>Escalate</summary>
    {{>escalate-form}}</details>
    <details id="resolve"><summary>Resolve</summary>
    {{>resolve-form}}</details>
    </div>
    {{/isOpen}}
    {{#hasSteps}}<section><h2>First steps</h2><ol class="steps">{{#steps}}<li>{{text}}</li>{{/steps}}</ol></section>{{/hasSteps}}
    {{#runbookHref}}<p><a class="button" href="{{runbookHref}}" rel="noreferrer">Runbook</a></p>{{/runbookHref}}
    {{#runbookText}}<p class="facts">Runbook: {{runbookText}}</p>{{/runbookText}}
    {{#hasPages}}<section><h2>Who was told</h2><ul class="told">{{#pages}}<li><span class="who">{{person}}</span> <span class="facts">{{purpose}}{{#tier}} · {{tier}}{{/tier}} · {{at}}</span>{{#state}}<span class="why">{{state}}</span>{{/state}}</li>{{/pages}}</ul></section>{{/hasPages}}
    <section><h2>Timeline <small>times in {{zone}}</small></h2>
    <ol class="timeline" reversed>
    {{#lines}}<li><time>{{at}}</time><span>{{text}}</span></li>{{/lines}}
    </ol>
    {{#left}}<p class="calm">{{left}} earlier lines: tocsinctl incident timeline {{id}}</p>{{/left}}
    </section>
    {{>bottom}}
    """
}
