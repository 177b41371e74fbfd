import Messages
import Serving

/// A form that was refused is shown once more, by itself: with what was typed, and with what is wrong beside the field at fault. It asks
/// no tier for anything, so that nothing typed is lost while they are away.
extension Site {
  /// The forms of an incident that somebody writes into.
  enum IncidentForm: String, CaseIterable {
    case update, escalate, resolve

    fileprivate var title: String {
      switch self {
      case .update: "Update"
      case .escalate: "Escalate"
      case .resolve: "Resolve"
      }
    }

    /// The fields, by the names that they have in the tier's request too.
    fileprivate var fields: [String] {
      switch self {
      case .update: ["status", "impact", "actions", "next", "eta"]
      case .escalate: ["reason", "current_status", "tier"]
      case .resolve: ["note"]
      }
    }
  }

  private static let tiers = [
    ("0", "the next tier"), ("2", "secondary"), ("3", "tertiary"), ("4", "executives"),
  ]

  /// What the forms of an incident are shown with: what they can choose from, and what was chosen.
  func choices(status: String, tier: String = "0") -> Shown.Fields {
    [
      "statuses": .list(
        UpdateStatus.choices.map {
          ["value": .text("\($0.rawValue)"), "word": .text($0.word), "chosen": .flag("\($0.rawValue)" == status)]
        }),
      "tiers": .list(
        Self.tiers.map { ["value": .text($0.0), "word": .text($0.1), "chosen": .flag($0.0 == tier)] }),
    ]
  }

  func again(_ incidentForm: IncidentForm, _ visit: Visit, _ refusal: Refusal) -> WebAnswer {
    let form = visit.form
    var fields = Self.retyped(incidentForm.fields, visit, refusal)
    fields.merge(choices(status: form["status"], tier: form["tier"])) { $1 }
    fields["outcome"] = .text(
      refusal.status.isWorthRetrying
        ? "Whether it is done can't be told now. What you wrote is still here: sent again, it is done once."
        : "It isn't done. What you wrote is still here.")
    fields["incident"] = .text(visit.wild[0])
    fields["href"] = .text(PlainPath.to("incidents", visit.wild[0]))
    if visit.visitor == nil, !refusal.status.isWorthRetrying {
      fields["sign-in"] = .text("/sign-in?to=\(PlainPath.escaped(PlainPath.to("incidents", visit.wild[0])))")
    }
    for one in IncidentForm.allCases { fields["is-\(one.rawValue)"] = .flag(one == incidentForm) }
    return printer.page(
      "form-again", incidentForm.title, fields, for: visit, status: Self.words(of: refusal.status).status,
      headers: Self.headers(of: refusal))
  }

  /// What somebody typed ("typed-impact"), what is wrong with it ("wrong-impact"), and what is wrong with all of it ("trouble").
  static func retyped(_ names: [String], _ visit: Visit, _ refusal: Refusal) -> Shown.Fields {
    let form = visit.form
    var fields = Shown.Fields()
    for name in names {
      fields["typed-\(name)"] = .lines(form[name])
      fields["wrong-\(name)"] = .text(name == refusal.field ? refusal.message : "")
    }
    let isOfField = names.contains(refusal.field)
    fields["trouble"] = .text(isOfField ? "" : whole(refusal))
    // It is the same form still, and acts once: nobody knows whether what wasn't answered was done. But what was done as it stood before
    // is done, and with other words it is another deed.
    if refusal.status != .alreadyExists, let nonce = FormNonce(form["once"], at: visit.now) {
      fields["once"] = .text(nonce.text)
    }
    return fields
  }

  private static func whole(_ refusal: Refusal) -> String {
    if refusal.status == .alreadyExists, refusal.field == "idempotency_key" {
      return
        "This form was sent before, with other words, and those were taken. Send it once more if these are to count as well."
    }
    return refusal.field.isEmpty ? refusal.message : "\(refusal.field): \(refusal.message)"
  }
}
