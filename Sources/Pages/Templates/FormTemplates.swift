/// What is written about an incident; each form as it stands in the incident's page, and by itself when it was refused.
extension Templates {
  static let updateForm = """
    <form method="post" action="{{href}}/update">{{>seal}}
    <label>Where the work stands <select name="status">{{#statuses}}<option value="{{value}}"{{#chosen}} selected{{/chosen}}>{{word}}</option>{{/statuses}}</select></label>
    {{#wrong-status}}<p class="trouble" role="alert">{{wrong-status}}</p>{{/wrong-status}}
    <label>Impact <textarea name="impact" rows="2" maxlength="2000" required>{{typed-impact}}</textarea></label>
    {{#wrong-impact}}<p class="trouble" role="alert">{{wrong-impact}}</p>{{/wrong-impact}}
    <label>What is being done <textarea name="actions" rows="2" maxlength="2000">{{typed-actions}}</textarea></label>
    {{#wrong-actions}}<p class="trouble" role="alert">{{wrong-actions}}</p>{{/wrong-actions}}
    <label>Next steps <textarea name="next" rows="2" maxlength="2000">{{typed-next}}</textarea></label>
    {{#wrong-next}}<p class="trouble" role="alert">{{wrong-next}}</p>{{/wrong-next}}
    <label>Expected end <input type="text" name="eta" maxlength="200" autocomplete="off" value="{{typed-eta}}"></label>
    {{#wrong-eta}}<p class="trouble" role="alert">{{wrong-eta}}</p>{{/wrong-eta}}
    <button class="go">Post the update</button>
    </form>
    """

  static let escalateForm = """
    <form method="post" action="{{href}}/escalate">{{>seal}}
    <label>Why <textarea name="reason" rows="2" maxlength="1000" required>{{typed-reason}}</textarea></label>
    {{#wrong-reason}}<p class="trouble" role="alert">{{wrong-reason}}</p>{{/wrong-reason}}
    <label>How it stands <textarea name="current_status" rows="2" maxlength="1000">{{typed-current_status}}</textarea></label>
    {{#wrong-current_status}}<p class="trouble" role="alert">{{wrong-current_status}}</p>{{/wrong-current_status}}
    <label>To <select name="tier">{{#tiers}}<option value="{{value}}"{{#chosen}} selected{{/chosen}}>{{word}}</option>{{/tiers}}</select></label>
    {{#wrong-tier}}<p class="trouble" role="alert">{{wrong-tier}}</p>{{/wrong-tier}}
    <button class="go">Escalate</button>
    </form>
    """

  static let resolveForm = """
    <form method="post" action="{{href}}/resolve">{{>seal}}
    <label>What it was, and what was done <textarea name="note" rows="2" maxlength="2000">{{typed-note}}</textarea></label>
    {{#wrong-note}}<p class="trouble" role="alert">{{wrong-note}}</p>{{/wrong-note}}
    <button class="go">Resolve</button>
    </form>
    """

  static let formAgain = """
    {{>top}}<h1>{{title}} <small>{{incident}}</small></h1>
    <p class="words">{{outcome}}</p>
    {{#trouble}}<p class="trouble" role="alert">{{trouble}}</p>{{/trouble}}
    {{#sign-in}}<p><a class="button" href="{{sign-in}}" target="_blank" rel="noopener">Sign in</a></p>
    <p class="calm">It opens beside this page, which keeps what you wrote. Then send it from here: you are asked once more whether it is you.</p>{{/sign-in}}
    <div class="deeds">
    {{#is-update}}{{>update-form}}{{/is-update}}{{#is-escalate}}{{>escalate-form}}{{/is-escalate}}{{#is-resolve}}{{>resolve-form}}{{/is-resolve}}
    </div>
    <p><a href="{{href}}">To the incident</a></p>
    {{>bottom}}
    """
}
