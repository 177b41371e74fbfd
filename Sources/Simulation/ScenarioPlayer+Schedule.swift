import Machinery
import Messages
import Wire

/// What scenarios ask of the scheduler. A time is `2026-11-30`, `2026-11-30T02:30` (UTC), `now` or `+2h`; a person speaks for
/// themselves where nobody is named `by`.
///
///     > on-call TEAM [TIER] [at TIME] [known TIME]     who, why, until when, who is next; `known`: as it was known then
///     > schedule TEAM [from TIME] [until TIME] [known TIME]
///     > override TEAM TIER PERSON FROM UNTIL "REASON" by LEAD
///     > cover TEAM TIER PERSON "REASON" by LEAD [from TIME] [until TIME]
///     > take-back OVERRIDE "REASON" by LEAD
///     > sick PERSON "REASON" [from TIME] [until TIME] [by LEAD]
///     > cannot-hold PERSON "REASON" [team TEAM] [by LEAD]
///     > time-off PERSON FROM UNTIL "REASON"
///     > back ABSENCE [at TIME] [by PERSON]
///     > swap TIER PERSON TO[,TO] FROM UNTIL "REASON" [by PERSON] [return TIER@FROM@UNTIL]
///     > agree SWAP PERSON, > decline SWAP PERSON "WORDS"
///     > swaps, > absences
extension ScenarioPlayer {
  func obeySchedule(_ words: [String]) throws(Refusal) {
    let directive = Directive(words, now: world.agenda.now)
    switch directive.command {
    case "on-call": try onCall(directive)
    case "schedule": try schedule(directive)
    case "override":
      try call(.scheduler, ScheduleMethods.addOverride, try arrangement(directive, from: directive[4], directive[5], 6))
      {
        self.words(of: $0)
      }
    case "cover":
      let request = try arrangement(directive, from: directive["from"], directive["until"], 4)
      try call(.scheduler, ScheduleMethods.assignCover, request) { self.words(of: $0) }
    case "take-back":
      let removal = OverrideRemoval(overrideId: directive[1], reason: directive[2], by: directive["by"])
      try call(.scheduler, ScheduleMethods.removeOverride, removal) { _ in "taken back" }
    case "sick": try absent(directive, .sick, directive["from"], directive["until"], reason: 2)
    case "cannot-hold": try absent(directive, .cannotHold, "", "", reason: 2)
    case "time-off": try absent(directive, .timeOff, directive[2], directive[3], reason: 4)
    case "back":
      let end = AbsenceEnd(absenceId: directive[1], at: try directive.instant(directive["at"]), by: directive["by"])
      try call(.scheduler, ScheduleMethods.endAbsence, end) { _ in "ended" }
    case "absences":
      try call(.scheduler, ScheduleMethods.listAbsences, ListAbsencesRequest()) { reply in
        self.lines(reply.absences.map(self.words))
      }
    case "swap": try swap(directive)
    case "agree", "decline":
      let answer = SwapAnswer(
        swapId: directive[1], by: directive[2], agrees: directive.command == "agree", words: directive[3])
      try call(.scheduler, ScheduleMethods.answerSwap, answer) { self.words(of: $0) }
    case "swaps":
      try call(.scheduler, ScheduleMethods.listSwaps, ListSwapsRequest()) { reply in
        let swaps = reply.swaps.map { "\($0.id) \($0.state)\($0.words.isEmpty ? "" : ": \($0.words)")" }
        return self.lines(
          swaps + reply.balances.map { "\($0.person) has given \(self.hours($0.given)), taken \(self.hours($0.taken))" }
        )
      }
    default: try obeyDuty(directive)
    }
  }

  private func onCall(_ directive: Directive) throws(Refusal) {
    let request = OnCallRequest(
      team: directive[1], tier: directive.tier(2), at: try directive.instant(directive["at"]),
      knownAt: try directive.instant(directive["known"]))
    try call(.scheduler, ScheduleMethods.onCall, request) { reply in
      let shifts = reply.shifts.map { shift in
        let next = reply.next.first { $0.tier == shift.tier && shift.tier < 4 }
        let then = next.map { "; then \($0.person.isEmpty ? "nobody" : $0.person)" } ?? ""
        return self.words(of: shift) + then
      }
      return self.lines(
        shifts + reply.shadows.map(self.words(of:)))
    }
  }

  private func words(of shadow: Shadow) -> String {
    let when = span(shadow.fromAt, shadow.untilAt)
    guard !shadow.because.isEmpty else { return "\(shadow.person) shadows tier \(shadow.tier) \(when)" }
    return "\(shadow.person) gets copies of tier \(shadow.tier) \(shadow.because), \(when)"
  }

  private func schedule(_ directive: Directive) throws(Refusal) {
    let request = ShowRequest(
      team: directive[1], fromAt: try directive.instant(directive["from"]),
      untilAt: try directive.instant(directive["until"]), knownAt: try directive.instant(directive["known"]))
    try call(.scheduler, ScheduleMethods.show, request) { reply in
      self.lines(
        reply.shifts.map(self.words(of:))
          + reply.shadows.map(self.words(of:))
          + reply.notes.map { "\($0.rule) can't be met on tier \($0.tier): \($0.text)" }
          + ["published until \(self.minute(reply.publishedUntilAt))"])
    }
  }

  private func arrangement(
    _ directive: Directive, from: String, _ until: String, _ reason: Int
  ) throws(Refusal) -> OverrideRequest {
    OverrideRequest(
      team: directive[1], tier: directive.tier(2), person: directive[3], fromAt: try directive.instant(from),
      untilAt: try directive.instant(until), reason: directive[reason], by: directive["by"])
  }

  private func absent(
    _ directive: Directive, _ kind: AbsenceKind, _ from: String, _ until: String, reason: Int
  ) throws(Refusal) {
    let person = directive[1]
    let request = AbsenceRequest(
      person: person, kind: kind, fromAt: try directive.instant(from), untilAt: try directive.instant(until),
      reason: directive[reason], by: directive["by"].isEmpty ? person : directive["by"], team: directive["team"])
    try call(.scheduler, ScheduleMethods.requestAbsence, request) { reply in
      self.lines(
        [reply.absence.map(self.words) ?? ""]
          + reply.uncovered.compactMap { open in open.shift.map { "open: team \(open.team), \(self.words(of: $0))" } })
    }
  }

  private func swap(_ directive: Directive) throws(Refusal) {
    var request = SwapRequest(
      team: directive["team"].isEmpty ? "platform" : directive["team"], tier: directive.tier(1), giver: directive[2],
      takers: directive.list(directive[3]), fromAt: try directive.instant(directive[4]),
      untilAt: try directive.instant(directive[5]), reason: directive[6],
      by: directive["by"].isEmpty ? directive[2] : directive["by"])
    let back = directive["return"].split(separator: "@").map(String.init)
    if back.count == 3 {
      request.returnTier = UInt32(back[0]) ?? 0
      request.returnFromAt = try directive.instant(back[1])
      request.returnUntilAt = try directive.instant(back[2])
    }
    try call(.scheduler, ScheduleMethods.requestSwap, request) { self.words(of: $0) }
  }
}

/// How the scheduler's answers read.
extension ScenarioPlayer {
  func lines(_ lines: [String]) -> String { lines.map { "  \($0)" }.joined(separator: "\n") }

  func words(of shift: Shift) -> String {
    let person = shift.person.isEmpty ? "nobody" : shift.person
    let when = shift.tier < 4 ? " \(span(shift.fromAt, shift.untilAt))" : ""
    return "tier \(shift.tier): \(person)\(when) (\(shift.explanation))"
  }

  func words(_ absence: Absence) -> String {
    "\(absence.id) \(absence.kind): \(absence.person) \(span(absence.fromAt, absence.untilAt))"
      + (absence.reason.isEmpty ? "" : " (\(absence.reason))")
  }

  private func words(of reply: OverrideReply) -> String {
    lines(
      [reply.overrideId] + reply.replaced.map { "instead of \(words(of: $0))" }
        + reply.warnings.map { "warning: \($0)" })
  }

  private func words(of reply: SwapReply) -> String {
    guard let swap = reply.swap else { return "" }
    let taker = swap.taker.isEmpty ? "" : " with \(swap.taker)"
    let why = swap.words.isEmpty ? "" : ": \(swap.words)"
    return lines(["\(swap.id) \(swap.state)\(taker)\(why)"] + reply.warnings.map { "warning: \($0)" })
  }

  func span(_ from: Instant, _ until: Instant) -> String {
    "\(minute(from)) - \(until == .distantFuture ? "further notice" : minute(until))"
  }

  /// "11-30 00:00"; seconds where there are any.
  func minute(_ instant: Instant) -> String {
    let text = clock(instant)
    return text.hasSuffix(":00") ? String(text.dropLast(3)) : text
  }

  func hours(_ span: Span) -> String {
    let minutes = span.milliseconds / 60_000
    return minutes % 60 == 0 ? "\(minutes / 60) h" : "\(minutes / 60) h \(minutes % 60) min"
  }
}
