import JSON
import Messages

/// Reads what Prometheus, and rulers that speak like it, post to an Alertmanager's `/api/v2/alerts`.
///
/// A firing alert comes again every minute with an `endsAt` some minutes ahead; one that is over comes with an `endsAt` that
/// has passed. Its identity is its full set of labels. What is wrong with one alert doesn't keep the others out: those are here all the
/// same, and what was wrong is said.
public struct PostedAlerts: Hashable, Sendable {
  /// How long silence must last at least before it means that an alert is over. Prometheus's own four minutes would end everything
  /// that fires when the way to here is broken for as long; what fires again within a quarter of an hour is the same incident.
  static let silenceAtLeast = Span.minutes(15)

  public var events: [Event]
  /// One for each alert that was left out.
  public var wrong: [SourceError]

  /// - Parameter now: by which an `endsAt` has passed or not.
  /// - Throws: when the whole is no list.
  public init(
    reading json: [UInt8], source: String, severities: SeverityWords = .usual, at now: Instant
  ) throws(SourceError) {
    events = []
    wrong = []
    for alert in try Given(reading: json).list() {
      do throws(SourceError) {
        events.append(try Self.event(alert, source, severities, at: now))
      } catch {
        wrong.append(error)
      }
    }
  }

  private static func event(
    _ alert: Given, _ source: String, _ severities: SeverityWords, at now: Instant
  ) throws(SourceError) -> Event {
    let labels = (try alert.strings("labels") ?? [:]).filter { !$0.value.isEmpty }
    guard !labels.isEmpty else {
      throw SourceError(at: alert.at + ".labels", expected: "at least one label that isn't empty", found: "none")
    }
    let endsAt = try AlertmanagerAlert.time(alert.string("endsAt"), alert.at + ".endsAt")
    let startsAt = try AlertmanagerAlert.time(alert.string("startsAt"), alert.at + ".startsAt")
    guard !endsAt.isSet || startsAt <= endsAt else {
      throw SourceError(at: alert.at + ".startsAt", expected: "a time that isn't after endsAt", found: "a later one")
    }
    var event = AlertmanagerAlert.event(
      source, labels: labels, annotations: alert.ornaments("annotations"),
      links: [("source", alert.ornament("generatorURL"))], key: LabelFingerprint.of(labels),
      severities: severities)
    let isOver = endsAt.isSet && endsAt <= now
    event.action = isOver ? .resolve : .trigger
    // Unset where it names none: our clock's time would make a resolve by its own clock look old.
    event.occurredAt = isOver ? endsAt : startsAt
    if !isOver { event.lapseAfter = max(silenceAtLeast, endsAt.isSet ? min(endsAt - now, .days(31)) : .zero) }
    return event
  }
}
