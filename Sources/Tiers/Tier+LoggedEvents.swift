import Alerting
import Escalating
import Messages
import Notifying

/// What becomes a line of the log, tier by tier: what happens to one alert. What configures a tier, or only counts, doesn't.
enum LoggedEvents {
  static func of(_ fact: AlertFact) -> LoggedEvent? {
    switch fact.kind {
    case .opened(let alert) where alert.elsewhere:
      return LoggedEvent(alert.id, "passed on", "\(alert.source) says \(alert.state) of \(alert.dedupKey)")
    case .opened(let alert):
      let silenced = alert.silencedBy.isEmpty ? "" : " (silenced by \(alert.silencedBy))"
      return LoggedEvent(
        alert.id, "accepted",
        "\(name(alert.severity)) of \(alert.source) for \(alert.service): \(alert.summary)\(silenced)")
    case .repeatedOnce(let again): return LoggedEvent(again.id, "repeated")
    case .moved(let moved):
      return LoggedEvent(moved.id, "moved", person: moved.by, "now \(name(moved.severity)), \(moved.state)")
    case .handedOver(let told):
      return LoggedEvent(told.id, told.status == 0 ? "handed over" : "refused", told.message)
    case .released(let released): return LoggedEvent(released.id, "released")
    default: return nil
    }
  }

  static func of(_ fact: EscalationFact) -> LoggedEvent? {
    guard let line = TimelineText.line(of: fact, at: .unset, sequence: 0) else { return nil }
    return LoggedEvent(line.incidentId, line.kind, person: line.person, line.text)
  }

  static func of(_ fact: NotificationFact) -> LoggedEvent? {
    switch fact.kind {
    case .pageTaken(let taken):
      return taken.page.map {
        LoggedEvent(
          incident(of: $0.id), "page taken", person: $0.person,
          "\($0.id)\(taken.remark.isEmpty ? "" : ": \(taken.remark)")")
      }
    case .pageCancelled(let cancelled):
      return LoggedEvent(incident(of: cancelled.pageId), "page withdrawn", cancelled.pageId)
    case .attemptBegun(let begun):
      return LoggedEvent(
        incident(of: begun.pageId), begun.question > 0 ? "provider questioned" : "provider asked",
        "\(begun.pageId)#\(begun.delivery), attempt \(begun.attempt)\(begun.isRepeat ? ", possible repeat" : "")")
    case .attemptEnded(let ended):
      let known = ended.providerId.isEmpty ? "" : ", there \(ended.providerId)"
      return LoggedEvent(
        incident(of: ended.pageId), "provider answered",
        "\(ended.pageId)#\(ended.delivery), attempt \(ended.attempt): \(ended.state)\(known)\(ended.words.isEmpty ? "" : ": \(ended.words)")"
      )
    default: return nil
    }
  }

  private static func name(_ severity: Severity) -> String { "SEV-\(severity.rawValue)" }

  /// "2f-1k" of the page "2f-1k/ana/1".
  private static func incident(of page: String) -> String { String(page.prefix { $0 != "/" }) }
}
