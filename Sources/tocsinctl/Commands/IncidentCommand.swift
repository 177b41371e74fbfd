import ArgumentParser
import Messages

/// Incidents: what people work on.
struct IncidentCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "incident", abstract: "List, show and work on incidents.",
    discussion: """
      Commands that act in somebody's name take --by PERSON, or TOCSIN_PERSON from
      the environment.

        tocsinctl incident list
        tocsinctl incident ack 2f-1k --by ana
        tocsinctl incident update 2f-1k --by ana --status identified --impact "5 %"
        tocsinctl incident escalate 2f-1k --by ana --reason "database expertise"
        tocsinctl incident resolve 2f-1k --by ana --note "rolled back"
      """,
    subcommands: [
      IncidentList.self, IncidentShow.self, IncidentAcknowledge.self, IncidentResolve.self, IncidentReopen.self,
      IncidentEscalate.self,
      IncidentReassign.self, IncidentAsk.self, IncidentFlag.self, IncidentDelegate.self, IncidentSeverity.self,
      IncidentSnooze.self, IncidentMerge.self, IncidentUpdate.self,
      IncidentTimeline.self, IncidentDocument.self,
    ])
}

/// Prints what a call about one incident answered.
enum IncidentAnswer {
  static func show(_ reply: IncidentReply, _ global: GlobalOptions, whole: Bool = false) throws {
    try Answer.show(reply, global.output) {
      if !reply.explanation.isEmpty { print(SafeText.line(reply.explanation)) }
      if let incident = reply.incident { facts(incident, global.times, whole: whole) }
    }
  }

  private static func facts(_ incident: Incident, _ times: Times, whole: Bool) {
    var facts = [
      ("incident", "\(incident.id)  \(incident.severity.word)  \(incident.state.word)"),
      ("summary", incident.summary),
      ("next", nextStep(incident, times)),
    ]
    if whole {
      facts += [
        ("service", incident.service), ("class", incident.alertClass), ("team", incident.team),
        ("policy", policy(incident)),
        ("opened", moment(incident.openedAt, times)), ("acknowledged", moment(incident.acknowledgedAt, times)),
        ("resolved", moment(incident.resolvedAt, times)), ("owner", incident.owner),
        ("commander", incident.commander), ("flags", incident.flags.joined(separator: ", ")),
        ("snoozed until", moment(incident.snoozedUntilAt, times)), ("part of", incident.mergedInto),
        ("more alerts", more(incident)), ("engaged", "up to \(DutyTier.word(incident.tier))"),
        ("status", incident.status.word), ("update due", moment(incident.nextUpdateDueAt, times)),
        ("steps", incident.steps.enumerated().map { "\($0 + 1). \($1)" }.joined(separator: "\n")),
        ("runbook", incident.runbook),
      ]
    }
    Answer.facts(facts.map { (name: $0.0, value: $0.1) })
    if whole { pages(incident, times) }
  }

  /// Its clocks are those of the version that it was opened with, whatever the files say by now.
  private static func policy(_ incident: Incident) -> String {
    let version = "\(incident.policy), version \(incident.policyVersion)"
    return incident.newerPolicyVersion == 0
      ? version : "\(version); what opens now runs by version \(incident.newerPolicyVersion)"
  }

  private static func more(_ incident: Incident) -> String {
    incident.moreAlerts == 0 ? "" : "\(incident.moreAlerts), of which \(incident.moreFiring) still fire"
  }

  private static func pages(_ incident: Incident, _ times: Times) {
    guard !incident.pages.isEmpty else { return }
    print("")
    var table = Table("PAGED (\(times.zone))", "PERSON", "TIER", "WHY", "WANTED", "STATE")
    for page in incident.pages {
      table.add(
        times.short(page.pagedAt), page.person, DutyTier.word(page.tier), page.purpose.word, page.wanted ? "yes" : "no",
        page.state)
    }
    table.print(otherwise: "")
  }

  static func nextStep(_ incident: Incident, _ times: Times) -> String {
    guard incident.nextStepAt.isSet else { return "" }
    return "\(incident.nextStep) \(times.relative(incident.nextStepAt))"
  }

  private static func moment(_ instant: Instant, _ times: Times) -> String {
    instant.isSet ? "\(times.full(instant)), \(times.relative(instant))" : ""
  }
}
