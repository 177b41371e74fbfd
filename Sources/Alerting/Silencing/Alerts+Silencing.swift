import Machinery
import Messages

/// Silences and maintenance windows (requirement I7): an alert that one matches when it opens is kept and counted, and nobody
/// is paged. When the silence ends, what still fires is handed over as if it had just opened.
///
/// Readings: what was handed over before a silence began goes on, as somebody may have it in hand already (snooze its
/// incident instead); one that becomes worse than its silence covers is handed over at once; one that is resolved under a
/// silence never was anybody's business.
extension Alerts {
  static let releasedAtOnce = 256

  // MARK: By hand

  func addSilence(_ request: SilenceRequest, at now: Instant) throws(Refusal) -> Decision<AlertFact, AlertAnswer> {
    let id = request.id.isEmpty ? silences.nextID : request.id
    let silence = try SilenceRules.silence(request, id: id, at: now)
    if let known = silences[id] {
      guard known.isWhat(silence) else {
        throw Refusal(.alreadyExists, "\(id) is another silence at this intake", field: "id")
      }
      return Decision([], answer: .silence(SilenceReply(silence: known)))
    }
    guard silences.running.count < Silences.runningAtMost else {
      throw Refusal(.resourceExhausted, "there are \(Silences.runningAtMost) silences: end some first")
    }
    return Decision(
      [AlertFact(kind: .silenceAdded(silence))], answer: .silence(SilenceReply(silence: silence)))
  }

  func endSilence(_ ending: SilenceEnding, at now: Instant) throws(Refusal) -> Decision<AlertFact, AlertAnswer> {
    guard !ending.id.isEmpty else { throw .invalid("id", "say which silence you mean") }
    guard !ending.by.isEmpty else { throw .invalid("by", "say who ends it") }
    try TextRules.check(ending.by, "by", 1...255)
    try TextRules.check(ending.reason, "reason", 0...SilenceRules.reasonBytes)
    guard let silence = silences[ending.id] else {
      throw .notFound("there is no silence \"\(ending.id)\"", field: "id")
    }
    guard !silence.endedAt.isSet else { throw Refusal(.failedPrecondition, "\(ending.id) is over already") }
    let ended = SilenceEnded(id: ending.id, by: ending.by, reason: ending.reason)
    return Decision(
      [AlertFact(kind: .silenceEnded(ended))],
      answer: .silence(
        SilenceReply(silence: silence.ended(ended, at: now), alerts: UInt64(muted.count(ending.id)))))
  }

  /// All that run or are to begin, in the order in which they were added; before them, if wanted, those that are over.
  public func list(_ request: SilencesRequest) -> SilenceList {
    let over = request.includeEnded ? Array(silences.over) : []
    return SilenceList(
      silences: (over + silences.running.values).map {
        SilenceReply(silence: $0, alerts: UInt64(muted.count($0.id)))
      })
  }

  /// One that runs, is to begin, or ended within the days that it is listed for.
  public func silence(_ id: String) -> Silence? { silences[id] }

  // MARK: Alerts

  /// The silence that an alert opens under; empty: none.
  func silence(for alert: Alert, at now: Instant) -> String { silences.match(alert, at: now)?.id ?? "" }

  /// What becomes of one that was kept quiet, now that its silence is over or it is worse; nil when nothing does.
  func release(_ alert: Alert, at now: Instant) -> AlertReleased? {
    let other = silence(for: alert, at: now)
    return other == alert.silencedBy ? nil : AlertReleased(id: alert.id, silencedBy: other)
  }

  func releaseSome(at now: Instant) -> [AlertFact] {
    muted.firstDue(Self.releasedAtOnce).compactMap { number in
      guard let alert = held[number]?.alert, let released = release(alert, at: now) else { return nil }
      return AlertFact(kind: .released(released))
    }
  }

  // MARK: Remembering

  mutating func mute(_ alert: Alert) {
    muted.insert(
      Self.number(ofId: alert.id), under: alert.silencedBy, isOver: silences.running[alert.silencedBy] == nil)
  }

  mutating func apply(_ released: AlertReleased, at instant: Instant) {
    guard var one = one(released.id), !one.alert.silencedBy.isEmpty else { return }
    let number = Self.number(ofId: released.id)
    muted.remove(number, under: one.alert.silencedBy)
    one.alert.releasedFrom = released.silencedBy.isEmpty ? one.alert.silencedBy : ""
    one.alert.silencedBy = released.silencedBy
    if released.silencedBy.isEmpty {
      one.alert.openedAt = instant
      one.alert.changedAt = instant
    }
    held[number] = one
    guard released.silencedBy.isEmpty else { return mute(one.alert) }
    lateComers.note(number, at: instant)
    owe(one.alert, since: instant)
  }

  mutating func apply(_ ending: SilenceEnded, at instant: Instant) {
    silences.end(ending, at: instant)
    tell(ending, at: instant)
    muted.release(ending.id)
  }
}
