import Messages

/// What changes what the public is told, and what it may ask.
extension Escalations {
  public func statusPage(_ request: StatusPageRequest, at now: Instant) -> StatusPageReply { notices.shown(at: now) }

  mutating func publicize(_ kind: EscalationFact.Kind, of incident: RunningIncident, at instant: Instant) {
    switch kind {
    case .updated(let updated):
      guard let update = updated.update, rule(of: incident).updateChannels.contains(PublicNotices.channel) else {
        return
      }
      notices.note(update, of: incident.id, at: instant)
    case .resolved: notices.end(incident.id, at: instant)
    case .reopened, .firedAgain: notices.reopen(incident.id)
    case .merged(let merged): notices.merge(incident.id, into: merged.into)
    default: break
    }
  }
}
