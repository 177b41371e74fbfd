import Messages

/// What reports count of an incident, as it happens (requirement E10).
public enum IncidentTally: Hashable, Sendable {
  case opened(IncidentOpening)
  case severity(incident: String, Severity)
  case team(incident: String, String)
  /// By a person.
  case acknowledged(incident: String, at: Instant)
  case resolved(incident: String, at: Instant, byPerson: Bool)
  case reopened(incident: String)
  /// One more alert of it, soon after its end.
  case firedAgain(incident: String)
  /// It counts with another one from now on.
  case merged(incident: String, into: String)
  /// One more alert of a storm is part of it.
  case joined(incident: String)
  /// An alert that has lines of its own and never was an incident: it is kept for as long as the incident is.
  case part(alert: String, of: String)
  case targetMissed(incident: String)
  case maximumMissed(incident: String)
  case dutyMissed(incident: String)
  /// It went on to a further tier, or pages more people because of its age.
  case escalated(incident: String)
  /// With the duty to answer.
  case paged(incident: String, person: String, at: Instant)
}

/// An incident as it begins.
public struct IncidentOpening: Hashable, Sendable {
  public var id: String
  public var team: String
  public var service: String
  public var alertClass: String
  public var severity: Severity
  public var at: Instant

  public init(
    id: String, team: String, service: String = "", alertClass: String = "", severity: Severity, at: Instant
  ) {
    self.id = id
    self.team = team
    self.service = service
    self.alertClass = alertClass
    self.severity = severity
    self.at = at
  }
}

/// What history has counted within a time.
public struct HistoryFigures: Hashable, Sendable {
  /// How often a person was paged within a quarter of an hour: its hour class is the same throughout, in every zone.
  public struct Pages: Hashable, Sendable {
    public var person: String
    public var team: String
    public var at: Instant
    public var count: UInt64

    public init(person: String, team: String, at: Instant, count: UInt64) {
      self.person = person
      self.team = team
      self.at = at
      self.count = count
    }
  }
  public var incidents: [IncidentFigures]
  public var noise: [NoiseFigures]
  public var pages: [Pages]

  public init(incidents: [IncidentFigures] = [], noise: [NoiseFigures] = [], pages: [Pages] = []) {
    self.incidents = incidents
    self.noise = noise
    self.pages = pages
  }
}
