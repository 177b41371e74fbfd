import Messages
import Serving
import Wire

/// One incident: how it stands, what can be done about it, and everything that happened to it.
extension Site {
  private static let linesAtMost = 300

  func incident(_ visit: Visit) async throws(Refusal) -> WebAnswer {
    let id = visit.wild[0]
    async let asked = desk.part(.escalator, EscalationMethods.getTimeline, GetTimelineRequest(incidentId: id))
    let roster = await roster()
    let time = time(of: visit, roster)
    let reply = try await asked.get()
    guard let incident = reply.incident else { throw .notFound("there is no incident \"\(id)\"") }
    var fields = card(incident, roster, visit, time)
    let left = max(0, reply.lines.count - Self.linesAtMost)
    fields["live"] = true
    fields["me"] = .text(visit.by)
    fields["commander"] = .text(incident.commander.isEmpty ? "" : roster.name(incident.commander))
    fields["updateDue"] = .text(incident.nextUpdateDueAt.isSet ? time.distance(incident.nextUpdateDueAt) : "")
    fields["acknowledgedAt"] = .text(time.short(incident.acknowledgedAt))
    fields["resolvedAt"] = .text(time.short(incident.resolvedAt))
    fields["steps"] = .list(incident.steps.map { ["text": .text($0)] })
    fields["hasSteps"] = .flag(!incident.steps.isEmpty)
    // Only what leads to the web is a link: "javascript:" is none.
    fields["runbookHref"] = .text(AddressForm.web.fits(incident.runbook) ? incident.runbook : "")
    fields["runbookText"] = .text(AddressForm.web.fits(incident.runbook) ? "" : incident.runbook)
    fields.merge(choices(status: "\(incident.status.rawValue)")) { $1 }
    fields["pages"] = .list(
      incident.pages.map {
        [
          "person": .text(roster.name($0.person)), "purpose": .text($0.purpose.word),
          "at": .text(time.short($0.pagedAt)),
          "state": .text($0.state), "tier": .text(DutyTier.word($0.tier)),
        ]
      })
    fields["hasPages"] = .flag(!incident.pages.isEmpty)
    fields["left"] = .text(left > 0 ? "\(left)" : "")
    fields["lines"] = .list(
      reply.lines.suffix(Self.linesAtMost).reversed().map {
        ["at": .text(time.full($0.at)), "kind": .text($0.kind), "text": .text($0.text)]
      })
    fields["zone"] = .text(time.name)
    return printer.page("incident", "\(incident.severity.word) \(incident.summary.prefix(60))", fields, for: visit)
  }

  // MARK: What can be done

  func acknowledge(_ visit: Visit) async throws(Refusal) -> WebAnswer {
    let request = AcknowledgeRequest(incidentId: visit.wild[0], by: visit.by, via: "page")
    // Twice is once by the rules, and a page that has stood open since an earlier one must not be told of that.
    return try await done(EscalationMethods.acknowledge, request, visit, as: nil)
  }

  func escalate(_ visit: Visit) async throws(Refusal) -> WebAnswer {
    let form = visit.form
    let request = EscalateRequest(
      incidentId: visit.wild[0], by: visit.by, tier: UInt32(form["tier"]) ?? 0, reason: form["reason"],
      currentStatus: form["current_status"])
    return try await done(EscalationMethods.escalate, request, visit, as: key(of: visit))
  }

  func update(_ visit: Visit) async throws(Refusal) -> WebAnswer {
    let form = visit.form
    guard let number = UInt32(form["status"]), let status = UpdateStatus(rawValue: number) else {
      throw .invalid("status", "say where the work stands")
    }
    let request = UpdateRequest(
      incidentId: visit.wild[0], by: visit.by, status: status, impact: form["impact"], actions: form["actions"],
      next: form["next"], eta: form["eta"])
    return try await done(EscalationMethods.postUpdate, request, visit, as: key(of: visit))
  }

  func resolve(_ visit: Visit) async throws(Refusal) -> WebAnswer {
    let request = ResolveRequest(incidentId: visit.wild[0], by: visit.by, note: visit.form["note"])
    // As of an acknowledgement: it may have been opened again.
    return try await done(EscalationMethods.resolve, request, visit, as: nil)
  }

  /// Back to where it was asked, with what the escalator says of it.
  private func done<Request>(
    _ method: Method<Request, IncidentReply>, _ request: Request, _ visit: Visit, as key: DeedKey?
  ) async throws(Refusal) -> WebAnswer {
    let reply = try await desk.ask(.escalator, method, request, as: key)
    let page = visit.form["back"] == "home" ? "/" : PlainPath.to("incidents", visit.wild[0])
    return back(to: page, saying: reply.explanation.isEmpty ? "Done." : reply.explanation, at: visit.now)
  }
}
