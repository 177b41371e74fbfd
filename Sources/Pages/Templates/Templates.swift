/// The pages as Mustache, by name. Two braces escape; nothing here stands in three.
enum Templates {
  static let all: [String: String] = [
    "top": top, "bottom": bottom, "failure": failure, "seal": seal,
    "overview": overview, "card": card, "incidents": incidents, "incident": incident,
    "update-form": updateForm, "escalate-form": escalateForm, "resolve-form": resolveForm, "form-again": formAgain,
    "schedule": schedule, "swaps": swaps, "swap": swap, "handoff": handoff, "teams": teams,
    "sign-in": signIn, "code": code, "sign-in-link": signInLink, "answer": answer, "answered": answered,
  ]
}
