import Messages

/// Facts as lines of an incident's timeline (E8), in the words of the procedure.
public enum TimelineText {
  /// One fact as a line; nil for facts that only matter inside.
  public static func line(of fact: EscalationFact, at instant: Instant, sequence: UInt64) -> TimelineLine? {
    guard let kind = fact.kind, let incident = kind.incidentID, let (name, person, text) = words(kind) else {
      return nil
    }
    return TimelineLine(sequence: sequence, at: instant, incidentId: incident, kind: name, person: person, text: text)
  }

  /// The same for an alert that never had an incident of its own.
  public static func lineOfPart(of fact: EscalationFact, at instant: Instant, sequence: UInt64) -> TimelineLine? {
    switch fact.kind {
    case .alertJoined(let joined) where joined.by.isEmpty:
      let why = joined.reason.isEmpty ? "one of a storm" : "which \(joined.reason)"
      return TimelineLine(
        sequence: sequence, at: instant, incidentId: joined.alertId, kind: "joined",
        text: "\(joined.summary): part of \(joined.incidentId), \(why)")
    case .firedAgain(let again):
      return TimelineLine(
        sequence: sequence, at: instant, incidentId: again.alertId, kind: "joined",
        text: "\(again.summary): part of \(again.incidentId), which it opens again")
    default: return nil
    }
  }

  private static func words(_ kind: EscalationFact.Kind) -> (kind: String, person: String, text: String)? {
    switch kind {
    case .opened(let fact):
      ("opened", "", "\(fact.severity.words) \(fact.service.isEmpty ? "" : "\(fact.service): ")\(fact.summary)")
    case .paged(let fact):
      ("paged", fact.person, "\(fact.purpose.words) \(fact.person), tier \(fact.tier): \(fact.because)")
    case .targetMissed: ("breach", "", "acknowledgement target missed")
    case .maximumMissed: ("breach", "", "acknowledgement maximum missed")
    case .movedOn(let fact): ("escalated", "", "tier \(fact.fromTier) -> tier \(fact.toTier): \(fact.because)")
    case .nobodyFound(let fact): ("nobody", "", "nobody found on tier \(fact.tier): \(fact.because)")
    case .chainEnded(let fact):
      (
        "chain-ended", "",
        fact.nobodyFound ? "nobody could be paged; trying again" : "top tier reached; starting again after a pause"
      )
    case .chainRestarted(let fact): ("chain-started", "", "round \(fact.round) begins")
    case .acknowledged(let fact):
      (
        fact.bySource ? "in-hand" : "acknowledged", fact.by,
        "acknowledged by \(fact.by)\(fact.via.isEmpty ? "" : " via \(fact.via)")"
      )
    case .acknowledgementLapsed: ("lapsed", "", "acknowledgement lapsed: nothing followed it")
    case .resolved(let fact):
      ("resolved", fact.by, "resolved by \(fact.by)\(fact.note.isEmpty ? "" : ": \(fact.note)")")
    case .updated(let fact):
      (
        "update", fact.update?.by ?? "",
        "\(fact.update?.status.words ?? ""): \(fact.update?.impact ?? "") | actions: \(fact.update?.actions ?? "") | next: \(fact.update?.next ?? "") | ETA: \(fact.update?.eta ?? "")"
      )
    case .escalatedByHand(let fact):
      ("escalated", fact.by, "escalated to tier \(fact.tier) by \(fact.by): \(fact.reason)")
    case .reassigned(let fact): ("reassigned", fact.by, "\(fact.by) -> \(fact.to): \(fact.reason)")
    case .posted(let fact):
      ("posted", "", "\(fact.channel): \(fact.text.split(separator: "\n").joined(separator: " / "))")
    case .dutyReminded(let fact): ("reminded", "", "\(fact.duty.words) is due soon")
    case .dutyMissed(let fact): ("breach", "", "\(fact.duty.words) was due \(TimeText.clock(fact.dueAt))")
    case .ageReached(let fact): ("age", "", fact.words.isEmpty ? "age rule \(fact.rule + 1) reached" : fact.words)
    case .stepsSkipped(let fact): ("skipped", "", "late after an outage: \(fact.steps.joined(separator: "; "))")
    case .receiptNoted(let fact):
      (
        "receipt", fact.receipt?.person ?? "",
        "\(fact.receipt?.channel ?? "") \(fact.receipt?.outcome ?? ""): \(fact.receipt?.words ?? "")"
      )
    case .pagesWithdrawn(let fact):
      (
        "withdrawn", fact.person,
        (fact.person.isEmpty ? "paging stops: \(fact.because)" : "earlier page of \(fact.person) replaced")
          + (fact.unheard.isEmpty
            ? "" : "; the notifier had not taken the page of \(fact.unheard.joined(separator: ", "))")
      )
    case .severityChanged(let fact):
      (
        "severity", fact.by,
        "now \(fact.severity.words)\(fact.by.isEmpty ? "" : ", says \(fact.by): \(fact.reason)")"
      )
    case .flagsRaised(let fact):
      (
        "flags", fact.by,
        "\(fact.by) raises \(fact.flags.joined(separator: ", "))\(fact.note.isEmpty ? "" : ": \(fact.note)")"
      )
    case .respondersAdded(let fact):
      (
        "responders", fact.by,
        "\(fact.by) asks for the help of \(fact.people.joined(separator: ", "))"
          + (fact.message.isEmpty ? "" : ": \(fact.message)")
      )
    case .commandDelegated(let fact): ("command", fact.by, "\(fact.by) hands the command to \(fact.to)")
    case .snoozed(let fact):
      (
        "snoozed", fact.by,
        "quiet until \(TimeText.date(fact.untilAt)) \(TimeText.clock(fact.untilAt)), by \(fact.by): \(fact.reason)"
      )
    case .silenceNoted(let fact): ("silenced", "", "its alert was silenced until now, by \(fact.silence)")
    case .reopened(let fact): ("reopened", fact.by, "open again, by \(fact.by): \(fact.reason)")
    case .firedAgain(let fact):
      ("fired-again", "", "open again: \(fact.alertId) \(fact.summary), \(fact.words(had: fact.had))")
    case .firedBefore(let fact): ("fired-before", "", "its alert fired before, as \(fact.formerId)")
    case .merged(let fact): ("merged", fact.by, "part of \(fact.into) now, by \(fact.by): \(fact.reason)")
    case .alertJoined(let fact):
      fact.by.isEmpty && !isWorthALine(fact.number)
        ? nil
        : (
          "joined", fact.by,
          "\(fact.alertId) \(fact.summary) is part of it"
            + (!fact.by.isEmpty
              ? " now, by \(fact.by): \(fact.reason)"
              : fact.reason.isEmpty ? ": one of a storm, number \(fact.number)" : ": it \(fact.reason)")
        )
    case .twinEnded(let fact):
      fact.alertId == fact.incidentId
        ? ("alert-over", "", "its own alert is over, says its source at another intake")
        : ("alert-over", "", "\(fact.alertId) is over, says its source at another intake")
    case .memberSeen(let fact):
      fact.state == .resolved && isWorthALine(fact.firing)
        ? (
          "alert-over", "",
          "\(fact.alertId) is over, says its source" + (fact.firing == 0 ? "" : "; \(fact.firing) more still fire")
        ) : nil
    case .alertSeen(let fact):
      fact.state == .resolved && fact.othersFiring > 0
        ? ("alert-over", "", "its own alert is over; \(fact.othersFiring) more still fire") : nil
    case .snoozeEnded: ("snooze-over", "", "the snooze is over")
    case .teamMoved(let fact):
      (
        "team", fact.keeps,
        "team \(fact.fromTeam) -> \(fact.toTeam) by \(fact.routedBy.isEmpty ? "its alert" : fact.routedBy): "
          + (fact.keeps.isEmpty
            ? "its on-call is paged from the first tier on" : "\(fact.keeps) has acknowledged and keeps it")
      )
    case .nextTierHeld(let fact):
      (
        "postponed", "",
        "\(fact.because); tier \(fact.tier) waits for working hours: \(TimeText.date(fact.untilAt)) "
          + TimeText.clock(fact.untilAt)
      )
    case .withdrawalOwed(let fact):
      ("withdrawn", fact.person, "the notifier still had a page of \(fact.person): withdrawn again")
    case .debtSettled(let fact): settled(fact)
    case .clocksPostponed(let fact):
      (
        "postponed", "",
        "waits for working hours: \(TimeText.date(fact.untilAt)) \(TimeText.clock(fact.untilAt))"
      )
    case .pageAnswered(let fact):
      fact.refused
        ? (
          "answer-refused", fact.answer?.person ?? "",
          "the answer of \(fact.answer?.person ?? "") by \(fact.answer?.channel ?? "") changed nothing: \(fact.words)"
        ) : nil
    case .reviewOpened, .reviewTold, .reviewAttended, .reviewFound, .reviewActionSet, .reviewTicked, .reviewReassigned,
      .reviewClosed:
      review(kind)
    case .timelineReceived, .policiesConfigured, .forgotten, .ended, .snapshot, .numbering, .closingOwed, .member,
      .storm, .review, .reviewLeft, .changeSeen, .syntheticNoted, .pageAnswers, .keyEnded, .publicNotice:
      nil
    }
  }

  /// A storm has more alerts than anybody reads: of many, the round numbers.
  private static func isWorthALine(_ number: UInt64) -> Bool {
    var power: UInt64 = 1
    while power <= number / 10 { power *= 10 }
    return number <= 20 || number % power == 0
  }

  /// Only what didn't go well is worth a line.
  private static func settled(_ fact: DebtSettled) -> (kind: String, person: String, text: String)? {
    if fact.status != 0 {
      let what = RunningIncident.isRecord(fact.debtId) ? "its record for handoff and pay" : fact.debtId
      return ("refused", "", "\(what) was refused: \(fact.message)")
    }
    guard fact.late > .zero else { return nil }
    let person = fact.debtId.split(separator: "/").dropFirst().dropLast().joined(separator: "/")
    return ("late", person, "page of \(person) reached the notifier \(fact.late.words) late")
  }
}

extension PagePurpose {
  var words: String {
    switch self {
    case .duty, .unspecified: "page to"
    case .headsUp: "heads-up to"
    case .reminder: "reminder to"
    case .tell: "word to"
    case .test: "test page to"
    case .synthetic: "synthetic page to"
    case .watch: "page of the watch to"
    }
  }
}
