import Messages

/// The record of a time as a script: what sources say and when, and what people do to each incident.
struct Script {
  /// What a source says of an alert; generations are given when it is said.
  struct Line {
    var at: Instant
    var alert: Alert
  }
  struct Deed {
    var at: Instant
    var kind: EscalationFact.Kind
    /// How much later than in the record; what people do keeps its distance to their acknowledgement.
    var shift = Span.zero
    /// The one acknowledgement that waits for a page.
    var isAnswer = false
  }
  /// The first acknowledgement by a person: so long after the first page that they got, or, where they got none, that anybody got.
  struct Answer: Hashable {
    var by: String
    var at: Instant
    var delay: Span
    var wasPaged: Bool
  }
  /// What people did to one incident of the record.
  struct Part {
    var answer: Answer?
    var isAnswered = false
    /// Its acknowledgement lapsed in the record: then that says who answered again, if anybody did.
    var hasLapsed = false
    /// When they were done; the others as long after the acknowledgement as they were.
    var atTheirTime: [Deed] = []
    var afterTheAnswer: [Deed] = []
    /// Its own and those of its storm.
    var alerts: [String] = []
  }

  private(set) var lines: [Line] = []
  private(set) var parts: [String: Part] = [:]
  /// Of which incident of the record an alert was part.
  private(set) var recordOf: [String: String] = [:]
  private(set) var openings: [String: Alert] = [:]
  /// What became part of an incident of the record, by hand, and when.
  private var merged: [String: [(part: String, at: Instant)]] = [:]

  init(_ recorded: [RecordedFacts]) {
    for incident in recorded { parts[incident.id] = read(incident) }
    // What is said of an alert may stand with the incident that it was merged into.
    var latest = openings
    for (kind, at) in recorded.flatMap(\.facts).enumerated().sorted(by: Self.isSooner).map(\.element) {
      guard let id = Self.alert(of: kind), var alert = latest[id] else { continue }
      alert.follow(kind)
      latest[id] = alert
      lines.append(Line(at: at, alert: alert))
    }
    lines = lines.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element)
  }

  /// An incident of the record, and all that were part of it then: it may have been reopened, and others merged into it, since.
  func whole(_ record: String, at instant: Instant) -> [String] {
    var found = [record]
    var next = 0
    while next < found.count {
      found += (merged[found[next]] ?? []).filter { $0.at <= instant && !found.contains($0.part) }.map(\.part)
      next += 1
    }
    return found
  }

  private typealias Told = (offset: Int, element: (kind: EscalationFact.Kind, at: Instant))
  private static func isSooner(_ one: Told, _ other: Told) -> Bool {
    (one.element.at, one.offset) < (other.element.at, other.offset)
  }

  /// Openings, and what people did to an incident.
  private mutating func read(_ incident: RecordedFacts) -> Part {
    var part = Part()
    var first: Alert?
    var isOver = false
    for (kind, at) in incident.facts {
      switch kind {
      case .opened(let opened):
        let alert = Alert(opened, at: at)
        first = alert
        open(alert, of: incident.id, in: &part, at: at)
      case .alertJoined(let joined):
        guard let first else { continue }
        open(Alert(joined, as: first, at: at), of: incident.id, in: &part, at: at)
      case .firedAgain(let again):
        guard let first else { continue }
        open(Alert(again, as: first, at: at), of: incident.id, in: &part, at: at)
      case .firedBefore(let before): goesOn(with: before.formerId, incident.id)
      case .teamMoved(let moved): first?.follow(.teamMoved(moved))
      case .acknowledgementLapsed: part.hasLapsed = true
      case .acknowledged(let answer) where !part.isAnswered:
        part.isAnswered = true
        part.answer = Answer(of: answer.by, at: at, incident.firstPages)
        if part.answer == nil { part.atTheirTime.append(Deed(at: at, kind: kind)) }
      case .resolved, .merged, .reopened:
        if case .merged(let fact) = kind { merged[fact.into, default: []].append((incident.id, at)) }
        isOver = true
        part.atTheirTime.append(Deed(at: at, kind: kind))
      // The end that it brings about is told by itself.
      case .updated(let updated) where updated.update?.status == .resolved: break
      default:
        guard Self.alert(of: kind) == nil else { continue }
        let deed = Deed(at: at, kind: kind)
        if part.answer == nil || isOver { part.atTheirTime.append(deed) } else { part.afterTheAnswer.append(deed) }
      }
    }
    return part
  }

  private mutating func open(_ alert: Alert, of record: String, in part: inout Part, at instant: Instant) {
    guard openings[alert.id] == nil else { return }
    openings[alert.id] = alert
    recordOf[alert.id] = record
    part.alerts.append(alert.id)
    lines.append(Line(at: instant, alert: alert))
  }

  /// An incident of its own then; by an edited policy it may be one with what its alert was before.
  private mutating func goesOn(with former: String, _ id: String) {
    openings[id]?.formerId = former
    for index in lines.indices.reversed() where lines[index].alert.id == id {
      lines[index].alert.formerId = former
      return
    }
  }

  /// Of which alert a source says more; nil for what people do.
  private static func alert(of kind: EscalationFact.Kind) -> String? {
    switch kind {
    case .alertSeen(let seen): seen.incidentId
    case .memberSeen(let seen): seen.alertId
    case .teamMoved(let moved): moved.incidentId
    case .severityChanged(let change) where change.by.isEmpty:
      change.alertId.isEmpty ? change.incidentId : change.alertId
    default: nil
    }
  }
}

extension Script.Answer {
  /// nil when nobody had been paged until then.
  fileprivate init?(of person: String, at instant: Instant, _ firstPages: [String: Instant]) {
    let own = firstPages[person].flatMap { $0 <= instant ? $0 : nil }
    guard let page = own ?? firstPages.values.filter({ $0 <= instant }).min() else { return nil }
    self.init(by: person, at: instant, delay: instant - page, wasPaged: own != nil)
  }
}

extension Alert {
  fileprivate init(_ opened: IncidentOpened, at instant: Instant) {
    self.init(
      id: opened.id, generation: 1, state: opened.alertState == .unspecified ? .open : opened.alertState,
      source: "its source", severity: opened.severity, summary: opened.summary, alertClass: opened.alertClass,
      service: opened.service, team: opened.team, policy: opened.policy, openedAt: opened.openedAt,
      handedOverAt: instant)
  }

  /// One of a storm: of the kind of the first.
  fileprivate init(_ joined: AlertJoined, as first: Alert, at instant: Instant) {
    self = first
    id = joined.alertId
    state = .open
    if joined.severity != .unspecified { severity = joined.severity }
    summary = joined.summary
    openedAt = instant
    handedOverAt = instant
  }

  /// What fired again, of the kind of the first.
  fileprivate init(_ again: FiredAgain, as first: Alert, at instant: Instant) {
    self = first
    id = again.alertId
    formerId = again.formerId
    state = .open
    severity = again.severity
    summary = again.summary
    openedAt = instant
    handedOverAt = instant
  }

  fileprivate mutating func follow(_ kind: EscalationFact.Kind) {
    switch kind {
    case .alertSeen(let seen): state = seen.state
    case .memberSeen(let seen): state = seen.state
    case .severityChanged(let change):
      severity = change.severity
      // Only what fires becomes worse: an intake that had lost its end has handed it over again.
      if state == .resolved { state = .open }
    case .teamMoved(let moved):
      team = moved.toTeam
      policy = moved.policy
      routedBy = moved.routedBy
    default: break
    }
  }
}

/// The deeds of one incident of the record, as facts.
public struct RecordedFacts: Sendable {
  public var id: String
  public var facts: [(kind: EscalationFact.Kind, at: Instant)]
  public var firstPages: [String: Instant]

  public init(id: String, facts: [(kind: EscalationFact.Kind, at: Instant)], firstPages: [String: Instant]) {
    self.id = id
    self.facts = facts
    self.firstPages = firstPages
  }
}
