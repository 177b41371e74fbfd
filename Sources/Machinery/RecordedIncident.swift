import Messages

/// Something that happened to an incident and that a rehearsal lets happen again; the fact in its tier's bytes.
public struct RecordedDeed: Hashable, Sendable {
  public var incident: String
  public var at: Instant
  public var body: [UInt8]

  public init(incident: String, at: Instant, body: [UInt8]) {
    self.incident = incident
    self.at = at
    self.body = body
  }
}

/// All such deeds of one incident, in order, and when each person was first paged for it with the duty to answer.
public struct RecordedIncident: Hashable, Sendable {
  public var id: String
  public var deeds: [RecordedDeed]
  public var firstPages: [String: Instant]

  public init(id: String, deeds: [RecordedDeed] = [], firstPages: [String: Instant] = [:]) {
    self.id = id
    self.deeds = deeds
    self.firstPages = firstPages
  }
}
