import Messages
import Serving
import Wire

/// The first page: who is on call, until when and why; my incidents, and what else is open.
extension Site {
  private static let incidentsAtMost: UInt32 = 200
  /// How often the escalator is asked for more of them.
  private static let listsAtMost = 25

  func overview(_ visit: Visit) async throws(Refusal) -> WebAnswer {
    async let mine = desk.part(
      .escalator, EscalationMethods.listIncidents,
      ListIncidentsRequest(limit: Self.incidentsAtMost, person: visit.by))
    async let all = openIncidents()
    let roster = await roster()
    let time = time(of: visit, roster)
    let duty = await onCall(roster, visit, time)
    let (own, open) = (await mine, await all)
    let ids = Set(((try? own.get())?.incidents ?? []).map(\.id))
    let others = (try? open.get())?.incidents.filter { !ids.contains($0.id) } ?? []
    let shown = ids.count + others.count
    let left = Int((try? open.get())?.open ?? 0) - shown
    return printer.page(
      "overview", "On call",
      [
        "live": true, "teams": .list(duty.teams), "duty-trouble": .text(duty.trouble), "zone": .text(time.name),
        "mine": .list(cards((try? own.get())?.incidents ?? [], roster, visit, time)),
        "others": .list(cards(others, roster, visit, time)),
        "trouble": .text(Self.trouble(own) ?? Self.trouble(open) ?? ""),
        "quiet": .flag((try? open.get()).map { $0.open == 0 && $0.after.isEmpty && shown == 0 } ?? false),
        "left": .text(left > 0 ? "\(left)" : ""),
      ], for: visit)
  }

  func incidents(_ visit: Visit) async throws(Refusal) -> WebAnswer {
    let isAll = visit.query["all"] == "yes"
    let roster = await roster()
    let time = time(of: visit, roster)
    var reply = try await openIncidents().get()
    if isAll {
      let request = ListIncidentsRequest(includeResolved: true, limit: Self.incidentsAtMost)
      reply = try await desk.ask(.escalator, EscalationMethods.listIncidents, request)
    }
    return printer.page(
      "incidents", isAll ? "Incidents" : "Open incidents",
      [
        "live": true, "all": .flag(isAll), "more": .flag(!reply.after.isEmpty || reply.open > reply.incidents.count),
        "incidents": .list(cards(reply.incidents.reversed(), roster, visit, time)),
        "none": .flag(reply.incidents.isEmpty && reply.open == 0 && reply.after.isEmpty),
      ], for: visit)
  }

  /// Those that are open, page by page in the order in which they were opened: the newest must not be what is missing. A storm that is
  /// longer than this is said to be.
  private func openIncidents() async -> Result<ListIncidentsReply, Refusal> {
    var whole = ListIncidentsReply()
    do throws(Refusal) {
      for _ in 0..<Self.listsAtMost {
        let request = ListIncidentsRequest(limit: Self.incidentsAtMost, after: whole.after)
        let next = try await desk.ask(.escalator, EscalationMethods.listIncidents, request)
        whole.incidents = Array((whole.incidents + next.incidents).suffix(2 * Int(Self.incidentsAtMost)))
        (whole.open, whole.after) = (next.open, next.after)
        if next.after.isEmpty { break }
      }
    } catch {
      return .failure(error)
    }
    return .success(whole)
  }

  static func trouble<Reply>(_ result: Result<Reply, Refusal>) -> String? {
    if case .failure(let refusal) = result { refusal.message } else { nil }
  }

  // MARK: Who is on call

  private func onCall(_ roster: Roster, _ visit: Visit, _ time: ReaderTime) async -> (
    teams: [Shown.Fields], trouble: String
  ) {
    guard !roster.teams.isEmpty else { return ([], "Who is on call can't be told now: the scheduler doesn't answer.") }
    var teams: [Shown.Fields] = []
    for team in roster.teams.prefix(20) {
      switch await desk.part(.scheduler, ScheduleMethods.onCall, OnCallRequest(team: team.id)) {
      case .success(let reply):
        let next = Dictionary(reply.next.map { ($0.tier, $0) }, uniquingKeysWith: { first, _ in first })
        teams.append([
          "name": .text(team.name.isEmpty ? team.id : team.name),
          "schedule": .text("/schedule?team=\(PlainPath.escaped(team.id))"),
          "tiers": .list(
            reply.shifts.filter { $0.tier < 4 }.map { shift($0, next: next[$0.tier], roster, visit, time) }),
        ])
      case .failure(let refusal):
        // The next team would be told no more.
        return (teams, "Who is on call can't be told now: \(refusal.message)")
      }
    }
    return (teams, "")
  }

  private func shift(
    _ shift: Shift, next: Shift?, _ roster: Roster, _ visit: Visit, _ time: ReaderTime
  ) -> Shown.Fields {
    let follows = next.map { $0.person.isEmpty ? "nobody" : roster.name($0.person) } ?? ""
    let hasEnd = shift.untilAt.isSet && shift.untilAt < .distantFuture
    return [
      "tier": .text(DutyTier.word(shift.tier)), "isPrimary": .flag(shift.tier == 1),
      "person": .text(shift.person.isEmpty ? "Nobody" : roster.name(shift.person)),
      "gap": .flag(shift.person.isEmpty), "me": .flag(!shift.person.isEmpty && shift.person == visit.by),
      "until": .text(hasEnd ? time.short(shift.untilAt) : ""), "next": .text(follows), "why": .text(shift.explanation),
    ]
  }

  // MARK: Incidents in a list

  func cards(
    _ incidents: [Incident], _ roster: Roster, _ visit: Visit, _ time: ReaderTime
  ) -> [Shown.Fields] {
    let order = incidents.enumerated().sorted { left, right in
      let (a, b) = (Self.rank(left.element), Self.rank(right.element))
      return a != b ? a < b : left.offset < right.offset
    }
    return order.map { card($0.element, roster, visit, time) }
  }

  /// What nobody has comes first, then the worst.
  private static func rank(_ incident: Incident) -> UInt32 {
    let severity = incident.severity.rawValue == 0 ? 5 : incident.severity.rawValue
    switch incident.state {
    case .triggered, .unspecified: return severity
    case .acknowledged: return 10 + severity
    case .resolved: return 20
    }
  }

  func card(_ incident: Incident, _ roster: Roster, _ visit: Visit, _ time: ReaderTime) -> Shown.Fields {
    let isOpen = incident.state != .resolved
    let snoozed = incident.snoozedUntilAt > visit.now ? time.short(incident.snoozedUntilAt) : ""
    let more = incident.moreAlerts > 0 ? "and \(incident.moreAlerts) more" : ""
    let next =
      isOpen && incident.nextStepAt.isSet ? "\(incident.nextStep) \(time.distance(incident.nextStepAt))" : ""
    return [
      "id": .text(incident.id), "href": .text(PlainPath.to("incidents", incident.id)),
      "severity": .text(incident.severity.word), "level": .text("sev\(incident.severity.rawValue)"),
      "summary": .text(incident.summary.isEmpty ? "(no summary)" : incident.summary),
      "service": .text(incident.service), "team": .text(incident.team), "state": .text(incident.state.word),
      "unanswered": .flag(incident.state == .triggered), "isOpen": .flag(isOpen),
      "canAcknowledge": .flag(incident.state == .triggered),
      "owner": .text(incident.owner.isEmpty ? "" : roster.name(incident.owner)),
      "ownerIsMe": .flag(!incident.owner.isEmpty && incident.owner == visit.by),
      "opened": .text(time.distance(incident.openedAt)), "openedAt": .text(time.full(incident.openedAt)),
      "next": .text(next), "snoozed": .text(snoozed), "moreAlerts": .text(more),
      "status": .text(incident.status.word), "merged": .text(incident.mergedInto),
      "mergedHref": .text(incident.mergedInto.isEmpty ? "" : PlainPath.to("incidents", incident.mergedInto)),
    ]
  }
}
