import Machinery
import Messages

/// Heartbeats (requirement I6): the silence of a source that must report is an alert of the source "heartbeat" under the
/// heartbeat's name. Its next report ends it; while none comes it is counted again after every further span, and opened
/// again where somebody has resolved it by hand.
extension Alerts {
  /// Whose alerts they are.
  static let heartbeatSource = "heartbeat"

  /// - Parameter source: the only one whose heartbeats may be reported, so that no other's silence goes unheard; empty: any.
  func beat(
    _ request: BeatRequest, source: String, at now: Instant
  ) throws(Refusal) -> Decision<AlertFact, AlertAnswer> {
    guard !request.name.isEmpty else { throw .invalid("name", "say which heartbeat it is") }
    guard let beat = heartbeats[request.name] else {
      throw .notFound("there is no heartbeat \"\(request.name)\"; configuration defines them", field: "name")
    }
    let own = beat.heartbeat.source.isEmpty ? request.name : beat.heartbeat.source
    guard source.isEmpty || source == own else {
      throw Refusal(
        .permissionDenied,
        "heartbeat \"\(request.name)\" is the source \(own)'s to report, not \(source)'s; configuration names its source",
        field: "name")
    }
    var facts = [AlertFact(kind: .heartbeatSeen(HeartbeatSeen(name: request.name)))]
    if let over = heartbeatOver(request.name, by: Self.heartbeatSource) { facts.append(over) }
    let due = now + beat.heartbeat.every + beat.heartbeat.grace
    return Decision(facts, answer: .beat(BeatReply(dueAt: due)))
  }

  /// In the order of their names.
  public func list(_ request: HeartbeatsRequest) -> HeartbeatList {
    HeartbeatList(
      heartbeats: heartbeats.inOrder.map {
        HeartbeatStatus(heartbeat: $0.heartbeat, lastAt: $0.lastAt, dueAt: $0.due, missing: $0.isMissing)
      })
  }

  /// A silence that has lasted too long.
  func missedHeartbeat(at now: Instant) -> [AlertFact] {
    guard let next = heartbeats.next, next.due <= now, let beat = heartbeats[next.key] else { return [] }
    let missed = AlertFact(kind: .heartbeatMissed(HeartbeatMissed(name: next.key)))
    let event = Self.event(of: beat, at: now)
    if let open = openAlert(under: event) {
      return [missed, AlertFact(kind: .repeatedOnce(AlertRepeated(id: open.alert.id, occurredAt: event.occurredAt)))]
    }
    return [missed, AlertFact(kind: .opened(newAlert(of: event, traceparent: [], at: now)))]
  }

  /// What ends the alert of a heartbeat that is heard again, or that nobody expects any more; nil when there is none.
  func heartbeatOver(_ name: String, by source: String) -> AlertFact? {
    let event = Event(action: .resolve, source: Self.heartbeatSource, dedupKey: name)
    guard let open = openAlert(under: event) else { return nil }
    var end = move(open, to: .resolved, event)
    end.by = source
    return AlertFact(kind: .moved(end))
  }

  private static func event(of beat: Heartbeats.Beat, at now: Instant) -> Event {
    let heartbeat = beat.heartbeat
    let silence =
      beat.lastAt.isSet ? "has not reported for \((now - beat.lastAt).words)" : "has never reported"
    return Event(
      action: .trigger, source: heartbeatSource, dedupKey: heartbeat.name, severity: heartbeat.severity,
      summary: "\(heartbeat.name) \(silence); it should every \(heartbeat.every.words)",
      alertClass: heartbeat.alertClass, service: heartbeat.service)
  }
}

extension IntakeConfiguration {
  func checkHeartbeats() throws(Refusal) {
    let spans = Span.minutes(1)...Span.days(31)
    for (index, heartbeat) in heartbeats.enumerated() {
      let field = "heartbeats[\(index)]"
      guard heartbeat.name.utf8.count <= EventRules.nameBytes else {
        throw .invalid("\(field).name", "at most \(EventRules.nameBytes) bytes")
      }
      guard heartbeat.source.utf8.count <= EventRules.nameBytes else {
        throw .invalid("\(field).source", "at most \(EventRules.nameBytes) bytes")
      }
      guard spans.contains(heartbeat.every) else { throw .invalid("\(field).every_ms", "from a minute to 31 days") }
      guard spans.contains(heartbeat.grace) else { throw .invalid("\(field).grace_ms", "from a minute to 31 days") }
      guard heartbeat.severity != .unspecified else {
        throw .invalid("\(field).severity", "must be SEV1, SEV2, SEV3 or SEV4")
      }
    }
  }
}
