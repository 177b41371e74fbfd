import CivilTime
import Escalating
import Machinery
import Messages
import Wire

extension Tier where Rules == Escalations {
  /// escalator: incidents, their clocks, and who must be told.
  ///
  /// - Parameter intakes: how many there are.
  public static func escalator(zones: TimeZones, intakes: UInt32 = 1) -> Tier {
    Tier(
      name: "escalator", peer: .escalator, rules: Escalations(zones: zones, intakes: intakes),
      codec: EntryCodec(
        encode: {
          EscalatingEntry(at: $0.at, answered: $0.answered, facts: $0.facts, mark: $0.mark, audited: $0.audited)
            .encoded()
        },
        decode: {
          let entry = try EscalatingEntry(decodingTrusted: $0)
          return Entry(
            at: entry.at, answered: entry.answered, facts: entry.facts, mark: entry.mark, audited: entry.audited)
        }),
      peers: Dictionary(
        uniqueKeysWithValues: [(.notifier, 256), (.scheduler, 64)]
          + (1...max(1, intakes)).map { (Peer.intake(number: $0), 64) }),
      commands: escalatorCommands().merging(reviewCommands()) { $1 }.mapValues(\.heldToItsIncidents),
      queries: table(
        query(EscalationMethods.listIncidents) { rules, request, _ throws(Refusal) in try rules.list(request) },
        query(StatusPageMethods.show) { rules, request, now in rules.statusPage(request, at: now) },
        query(ReviewsMethods.list) { rules, request, now throws(Refusal) in try rules.list(request, now: now) }),
      pastQueries: escalatorPastQueries().merging(reviewPastQueries()) { $1 },
      watch: WatchedLines(
        path: EscalationMethods.watch.path,
        wanted: { payload throws(Refusal) in
          let request = try WatchRequest(call: payload)
          return (request.incidentId, request.fromSequence)
        },
        encode: { TimelineLine($0).encoded() }),
      pay: { debt, now in
        switch debt {
        case .page(var page):
          page.handedOverAt = now
          return .call(path: NotificationMethods.putPage.path, payload: page.encoded())
        case .post(let post): return .call(path: NotificationMethods.putPost.path, payload: post.encoded())
        case .closing(var closing):
          closing.handedOverAt = now
          return .call(path: IntakeMethods.closeAlert.path, payload: closing.encoded())
        case .incident(let incident): return .call(path: HandoffMethods.putIncident.path, payload: incident.encoded())
        case .work(let work): return .call(path: PayMethods.putWork.path, payload: work.encoded())
        }
      },
      lines: { fact, at, sequence in
        [
          TimelineText.line(of: fact, at: at, sequence: sequence),
          TimelineText.lineOfPart(of: fact, at: at, sequence: sequence),
        ].compactMap { $0.map { HistoryLine($0) } }
      },
      lost: { peer, isLost, words in
        // Intake sees a lost scheduler too, and an alert is all that it takes.
        peer == .scheduler ? nil : .tier(TierNews(peer, isLost: isLost, words: words))
      },
      remembered: { fact in
        switch fact.kind {
        case .forgotten(let forgotten): forgotten.last.map { ($0.id, $0.encoded()) }
        case .reviewLeft(let left): left.last.map { (reviewID($0.incidentId), $0.encoded()) }
        case .alertJoined(let joined) where joined.by.isEmpty:
          (
            joined.alertId,
            Incident(id: joined.alertId, state: .resolved, summary: joined.summary, mergedInto: joined.incidentId)
              .encoded()
          )
        case .firedAgain(let again):
          (
            again.alertId,
            Incident(id: again.alertId, state: .resolved, summary: again.summary, mergedInto: again.incidentId)
              .encoded()
          )
        default: nil
        }
      },
      tallies: { Tallies.of($0, at: $1) },
      reports: [
        ReportsMethods.figures.path: ReportQuery(
          request: { payload, now throws(Refusal) in
            try Escalations.checked(try FiguresRequest(call: payload), now: now)
          },
          answer: { rules in
            let reporter = rules.reporter()
            return { reporter.report($0, $1).encoded() }
          })
      ],
      deed: { fact, at in
        guard let deed = Deeds.of(fact), let incident = deed.kind?.incidentID else { return nil }
        return RecordedDeed(incident: incident, at: at, body: deed.encoded())
      },
      rehearsals: [RehearsalsMethods.rehearse.path: escalatorRehearsal()], logged: { LoggedEvents.of($0) },
      standing: escalatorStanding)
  }

  private static func escalatorRehearsal() -> RehearsalQuery<Rules> {
    RehearsalQuery { rules, payload, now throws(Refusal) in
      let request = try Escalations.checked(try RehearsalRequest(call: payload), now: now)
      let rehearser = rules.rehearser(request)
      return PreparedRehearsal(
        team: request.team, from: request.fromAt, until: request.untilAt, deedsAtMost: Escalations.deedsRehearsed
      ) { recorded, figures throws(Refusal) in
        try rehearser.rehearse(recorded.map { RecordedFacts($0) }, figures).encoded()
      }
    }
  }

  private static func escalatorCommands() -> [String: Command<Rules>] {
    let done: @Sendable (EscalationAnswer) -> Done? = { if case .done(let done) = $0 { done } else { nil } }
    let incident: @Sendable (EscalationAnswer) -> IncidentReply? = {
      if case .incident(let reply) = $0 { reply } else { nil }
    }
    return table(
      command(EscalationMethods.putAlert, { alert, _ in .alert(alert) }) {
        if case .taken(let taken) = $0 { taken } else { nil }
      },
      command(EscalationMethods.putSynthetic, { alert, _ in .synthetic(alert) }, answer: done),
      command(EscalationMethods.putTimeline, { timeline, _ in .timeline(timeline) }, answer: done),
      command(EscalationMethods.putReceipt, { receipt, _ in .receipt(receipt) }, answer: done),
      command(
        EscalationMethods.answerPage, actor: "person", audited: { _ in true }, { answer, _ in .answer(answer) }
      ) {
        if case .answered(let reply) = $0 { reply } else { nil }
      },
      command(EscalationMethods.configure, needsKey: true, { wanted, _ in .configure(wanted) }) {
        if case .configured(let reply) = $0 { reply } else { nil }
      },
      command(EscalationMethods.acknowledge, needsKey: true, { request, _ in .acknowledge(request) }, answer: incident),
      command(EscalationMethods.resolve, needsKey: true, { request, _ in .resolve(request) }, answer: incident),
      command(EscalationMethods.escalate, needsKey: true, { request, _ in .escalate(request) }, answer: incident),
      command(EscalationMethods.reassign, needsKey: true, { request, _ in .reassign(request) }, answer: incident),
      command(EscalationMethods.raiseFlags, needsKey: true, { request, _ in .flags(request) }, answer: incident),
      command(
        EscalationMethods.addResponders, needsKey: true, { request, _ in .responders(request) }, answer: incident),
      command(EscalationMethods.delegate, needsKey: true, { request, _ in .delegate(request) }, answer: incident),
      command(EscalationMethods.setSeverity, needsKey: true, { request, _ in .severity(request) }, answer: incident),
      command(EscalationMethods.snooze, needsKey: true, { request, _ in .snooze(request) }, answer: incident),
      command(EscalationMethods.reopen, needsKey: true, { request, _ in .reopen(request) }, answer: incident),
      command(EscalationMethods.merge, needsKey: true, { request, _ in .merge(request) }, answer: incident),
      command(EscalationMethods.postUpdate, needsKey: true, { request, _ in .update(request) }, answer: incident))
  }

  private static func escalatorPastQueries() -> [String: PastQuery<Rules>] {
    table(
      pastQuery(EscalationMethods.getIncident, subject: { $1.incidentId }) { rules, request, past throws(Refusal) in
        IncidentReply(incident: try found(request.incidentId, rules, past))
      },
      pastQuery(EscalationMethods.getTimeline, subject: { $0.subject(of: $1.incidentId) }) {
        rules, request, past throws(Refusal) in
        GetTimelineReply(
          incident: try found(request.incidentId, rules, past), lines: past.lines.map { TimelineLine($0) })
      },
      pastQuery(EscalationMethods.getTimelineDocument, subject: { $0.subject(of: $1.incidentId) }) {
        rules, request, past throws(Refusal) in
        let document = TimelineDocument(
          of: try found(request.incidentId, rules, past), lines: past.lines.map { TimelineLine($0) })
        return TimelineDocumentReply(document: document, markdown: Array(document.markdown.utf8))
      })
  }

  static func found(_ id: String, _ rules: Rules, _ past: Past) throws(Refusal) -> Incident {
    guard !id.isEmpty else { throw .invalid("incident_id", "say which incident you mean") }
    if let incident = rules.incident(id) { return incident }
    if let body = past.remembered, let incident = try? Incident(decodingTrusted: body) { return incident }
    throw .notFound("there is no incident \"\(id)\"", field: "incident_id")
  }
}

extension Command where Rules == Escalations {
  /// The edge knows what a key may do, and the rules who is on an incident: they are told of a key that acts in its own name only.
  fileprivate var heldToItsIncidents: Command {
    var held = self
    let (input, name) = (self.input, self.name)
    held.input = { payload, caller throws(Refusal) in
      let asked = try input(payload, caller)
      return caller.principal.mayActForOthers ? asked : .inOwnName(asked, of: name(payload, caller.principal))
    }
    return held
  }
}

extension RecordedFacts {
  fileprivate init(_ recorded: RecordedIncident) {
    self.init(
      id: recorded.id,
      facts: recorded.deeds.compactMap { deed in
        (try? EscalationFact(decodingTrusted: deed.body))?.kind.map { (kind: $0, at: deed.at) }
      }, firstPages: recorded.firstPages)
  }
}

extension HistoryLine {
  init(_ line: TimelineLine) {
    self.init(
      sequence: line.sequence, at: line.at, subject: line.incidentId, person: line.person, kind: line.kind,
      text: line.text)
  }
}

extension TimelineLine {
  init(_ line: HistoryLine) {
    self.init(
      sequence: line.sequence, at: line.at, incidentId: line.subject, kind: line.kind, person: line.person,
      text: line.text)
  }
}
