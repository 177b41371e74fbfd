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

  init(_ recorded: [RecordedFacts]) {
    for incident in recorded { read(incident) }
    lines.sort { $0.at < $1.at }
  }

  private mutating func read(_ incident: RecordedFacts) {
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
        guard var alert = first else { continue }
        alert.id = joined.alertId
        alert.state = .open
        alert.severity = joined.severity == .unspecified ? alert.severity : joined.severity
        alert.summary = joined.summary
        alert.openedAt = at
        alert.handedOverAt = at
        open(alert, of: incident.id, in: &part, at: at)
      case .alertSeen(let seen): say(seen.incidentId, at) { $0.state = seen.state }
      case .memberSeen(let seen): say(seen.alertId, at) { $0.state = seen.state }
      case .teamMoved(let moved):
        first?.team = moved.toTeam
        first?.policy = moved.policy
        say(moved.incidentId, at) {
          $0.team = moved.toTeam
          $0.policy = moved.policy
          $0.routedBy = moved.routedBy
        }
      case .severityChanged(let change) where change.by.isEmpty:
        say(change.alertId.isEmpty ? change.incidentId : change.alertId, at) { $0.severity = change.severity }
      case .acknowledgementLapsed: part.hasLapsed = true
      case .acknowledged(let answer) where !part.isAnswered:
        part.isAnswered = true
        part.answer = Answer(of: answer.by, at: at, incident.firstPages)
        if part.answer == nil { part.atTheirTime.append(Deed(at: at, kind: kind)) }
      case .resolved, .merged, .reopened:
        isOver = true
        part.atTheirTime.append(Deed(at: at, kind: kind))
      // The end that it brings about is told by itself.
      case .updated(let updated) where updated.update?.status == .resolved: break
      default:
        let deed = Deed(at: at, kind: kind)
        if part.answer == nil || isOver { part.atTheirTime.append(deed) } else { part.afterTheAnswer.append(deed) }
      }
    }
    parts[incident.id] = part
  }

  private mutating func open(_ alert: Alert, of record: String, in part: inout Part, at instant: Instant) {
    guard openings[alert.id] == nil else { return }
    openings[alert.id] = alert
    latest[alert.id] = alert
    recordOf[alert.id] = record
    part.alerts.append(alert.id)
    lines.append(Line(at: instant, alert: alert))
  }

  /// What each source said last.
  private var latest: [String: Alert] = [:]

  private mutating func say(_ id: String, _ instant: Instant, _ edit: (inout Alert) -> Void) {
    guard var alert = latest[id] else { return }
    edit(&alert)
    latest[id] = alert
    lines.append(Line(at: instant, alert: alert))
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
