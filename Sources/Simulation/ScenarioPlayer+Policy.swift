import Messages
import Wire

/// What scenarios change of the policy while incidents run (requirement E6).
///
///     > policy SEV-1 [target=3m] [maximum=6m] [page-by=voice,push] [link=URL] [try]    the shipped one's rule is edited and applied; "try": a
///                                                                                      dry run
extension ScenarioPlayer {
  func changePolicy(_ words: [String]) throws(Refusal) {
    guard var wanted = try? EscalationConfiguration(decoding: world.slices.escalation), words.count > 1,
      let rule = wanted.policies.first?.severities.firstIndex(where: { $0.severity == Self.severity(words[1]) })
    else { throw .invalid("severity", "the policy has no such rule") }
    for word in words.dropFirst(2) {
      let parts = word.split(separator: "=").map(String.init)
      switch parts[0] {
      case "target": wanted.policies[0].severities[rule].acknowledgeTarget = try Self.span(parts.last ?? "")
      case "maximum": wanted.policies[0].severities[rule].acknowledgeMaximum = try Self.span(parts.last ?? "")
      case "page-by":
        wanted.policies[0].severities[rule].channels = (parts.last ?? "").split(separator: ",").map(String.init)
      case "link": wanted.policies[0].incidentUrl = parts.last ?? ""
      case "try": wanted.dryRun = true
      default: throw .invalid("policy", "\"\(word)\" is none of target=, maximum=, page-by=, link=, try")
      }
    }
    try call(.escalator, EscalationMethods.configure, wanted) { self.lines($0.changes + $0.keeps) }
    guard !wanted.dryRun else { return }
    world.slices.escalation = wanted.encoded()
  }
}
