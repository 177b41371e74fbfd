import Messages
import Wire

/// Silences and maintenance windows (requirement I7), heartbeats (I6), and changes (I8).
///
///     > silence NAME=VALUE[,NAME!=VALUE] 2h "REASON" [SEV-1,SEV-2]
///     > unsilence ID "REASON"
///     > silences
///     > expect NAME every 24h grace 1h SEV-2 SERVICE    a source that must report
///     > beat NAME
///     > storm 12 SEV-2 CLASS SERVICE                   so many alerts within a minute, as storm-1 and so on
///     > alerts                                         how many are open at intake, and how many incidents
///     > in-hand KEY                                    the source says that somebody there looks at it (I1)
///     > deployed SERVICE "SUMMARY"                     a source reports a change (I8); > changes lists them
extension ScenarioPlayer {
  func obeyIntake(_ words: [String]) throws(Refusal) {
    func word(_ index: Int) -> String { index < words.count ? words[index] : "" }
    func list(_ index: Int) -> [String] { word(index).split(separator: ",").map(String.init) }
    switch word(0) {
    case "silence":
      let request = SilenceRequest(
        matchers: list(1).map { Matcher($0) ?? Matcher() }, severities: list(4).map(Self.severity), by: "ana",
        reason: word(3),
        untilAt: world.agenda.now + (try Self.span(word(2))))
      try call(.intake, SilencesMethods.add, request) { [self] reply in
        reply.silence.map { "\($0.id) until \(clock($0.untilAt))" } ?? ""
      }
    case "unsilence":
      let ending = SilenceEnding(id: word(1), by: "ana", reason: word(2))
      try call(.intake, SilencesMethods.end, ending) { "over; \($0.alerts) page now" }
    case "silences":
      for reply in world.intake.rules?.list(SilencesRequest(includeEnded: true)).silences ?? [] {
        guard let silence = reply.silence else { continue }
        let end = silence.endedAt.isSet ? "over at \(clock(silence.endedAt))" : "until \(clock(silence.untilAt))"
        output("\(silence.id) \(end), keeps \(reply.alerts) quiet: \(silence.reason)")
      }
    case "expect":
      let heartbeat = Heartbeat(
        name: word(1), every: try Self.span(word(3)), grace: try Self.span(word(5)), severity: Self.severity(word(6)),
        service: word(7))
      try expect(heartbeat)
    case "beat":
      try call(.intake, HeartbeatsMethods.beat, BeatRequest(name: word(1))) { [self] in "due by \(clock($0.dueAt))" }
    case "storm":
      let count = Int64(word(1)) ?? 0
      for number in 1...max(1, count) {
        try alert(word(2), word(3), word(4), "pod \(number) is gone", key: "storm-\(number)")
        world.agenda.run(until: world.agenda.now + .milliseconds(60_000 / max(1, count)))
      }
    case "alerts":
      let incidents = world.escalator.rules?.openCount ?? 0
      let further = world.furtherIntakes.map { ", \($0.rules?.openCount ?? 0) at \($0.peer)" }.joined()
      output("\(world.intake.rules?.openCount ?? 0) alerts are open\(further), \(incidents) incidents")
    case "in-hand":
      let event = Event(action: .acknowledge, source: "scenario", dedupKey: word(1))
      try call(reached, IntakeMethods.publish, event) { "\($0.disposition)" }
    case "deployed":
      let event = Event(action: .change, source: "scenario", summary: word(2), service: word(1))
      try call(.intake, IntakeMethods.publish, event) { "\($0.alertId) \($0.disposition)" }
    case "changes":
      for change in try world.intake.rules?.list(ChangesRequest()).changes ?? [] {
        output("\(change.id) \(clock(change.happenedAt)) \(change.service) of team \(change.team): \(change.summary)")
      }
    default: try obeySchedule(words)
    }
  }

  private func expect(_ heartbeat: Heartbeat) throws(Refusal) {
    guard var wanted = try? IntakeConfiguration(decoding: world.slices.intake) else { return }
    wanted.heartbeats.removeAll { $0.name == heartbeat.name }
    wanted.heartbeats.append(heartbeat)
    try call(.intake, IntakeMethods.configure, wanted) { $0.changes.joined(separator: "; ") }
    world.slices.intake = wanted.encoded()
  }
}
