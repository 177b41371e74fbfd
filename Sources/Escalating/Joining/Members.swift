import Machinery
import Messages

/// Alerts that are part of an incident which another alert opened (E6). What their sources say counts for the whole, and when
/// a person says that it is over, intake is told so of each.
struct Members: Sendable {
  struct Member: Hashable, Sendable {
    var incident: String
    var generation: UInt64
    /// What its source calls it.
    var severity = Severity.unspecified
    /// It never had an incident of its own.
    var isOfStorm = false
    /// Whose its own incident was, when it had one: they answer the whole too, also when theirs is history.
    var team = ""
    /// Who was on that, of whatever team.
    var people: [String] = []
    /// The part of its incident that it was part of before; empty: it joined the whole itself.
    var through = ""
    /// Its source has said so.
    var isOver = false
    /// Since when it is closed, as long as intake must still be told so: its incident may have been reopened, or have become part
    /// of another one, since.
    var closedAt = Instant.unset
    /// By which it is known where several intakes may have it open.
    var key = AlertKey.none
    /// When its intake took it in, by the escalator's clock; unset where it has no key.
    var openedAt = Instant.unset
    /// Another alert of its key came before it: it is one more occurrence of that.
    var isTwin = false

    var owesClosing: Bool { closedAt.isSet }
  }

  /// In the order in which they joined, and how many of them matter still.
  private struct Group: Sendable {
    var alerts: [String] = []
    var firing = 0
    var owing = 0
    var twins = 0
    var twinsFiring = 0
  }

  private var members: [String: Member] = [:]
  private var groups: [String: Group] = [:]

  subscript(alert: String) -> Member? { members[alert] }

  /// Which incident an id stands for: that of which it is a part, or itself.
  func whole(of id: String) -> String { members[id]?.incident ?? id }
  /// Itself, the part that it was part of before it came to its incident, and so on.
  func parts(leadingTo id: String) -> [Member] {
    var parts: [Member] = []
    var next = id
    while let member = members[next], parts.count < members.count {
      parts.append(member)
      next = member.through
    }
    return parts
  }
  func alerts(of incident: String) -> [String] { groups[incident]?.alerts ?? [] }
  func count(in incident: String) -> Int { groups[incident]?.alerts.count ?? 0 }
  func firing(in incident: String) -> Int { groups[incident]?.firing ?? 0 }
  func hasTwins(in incident: String) -> Bool { groups[incident].map { $0.twins > 0 } ?? false }
  func twinsFiring(in incident: String) -> Int { groups[incident]?.twinsFiring ?? 0 }
  func owesClosings(of incident: String) -> Bool { groups[incident].map { $0.owing > 0 } ?? false }

  /// By incident, each in the order in which its alerts joined.
  var all: [MemberSnapshot] {
    groups.keys.sorted().flatMap { incident in
      alerts(of: incident).compactMap { alert in
        members[alert].map {
          MemberSnapshot(
            incidentId: incident, alertId: alert, generation: $0.generation, isOver: $0.isOver,
            closedAt: $0.closedAt, severity: $0.severity, ofStorm: $0.isOfStorm, team: $0.team,
            people: $0.people, through: $0.through, keyHigh: $0.key.high, keyLow: $0.key.low, twin: $0.isTwin,
            openedAt: $0.openedAt)
        }
      }
    }
  }

  /// An alert becomes part of an incident, with all that were part of its own.
  mutating func join(_ alert: String, _ member: Member) {
    let followers = groups.removeValue(forKey: alert)?.alerts ?? []
    add(alert, member)
    for follower in followers {
      guard var moved = members.removeValue(forKey: follower) else { continue }
      moved.incident = member.incident
      if moved.through.isEmpty { moved.through = alert }
      add(follower, moved)
    }
  }

  private mutating func add(_ alert: String, _ member: Member) {
    guard members[alert] == nil else { return }
    members[alert] = member
    groups[member.incident, default: Group()].alerts.append(alert)
    count(member, +1)
  }

  /// - Returns: what the change made of it; nil when it is no member.
  @discardableResult
  mutating func change(_ alert: String, _ edit: (inout Member) -> Void) -> Member? {
    guard var member = members[alert] else { return nil }
    count(member, -1)
    edit(&member)
    count(member, +1)
    members[alert] = member
    return member
  }

  /// The wall clock jumped.
  mutating func shift(by span: Span) {
    for (alert, member) in members where member.closedAt.isSet || member.openedAt.isSet {
      if member.closedAt.isSet { members[alert]?.closedAt = member.closedAt + span }
      if member.openedAt.isSet { members[alert]?.openedAt = member.openedAt + span }
    }
  }

  /// An incident is left to history.
  /// - Returns: the alerts that were part of it.
  mutating func forget(_ incident: String) -> [String] {
    let alerts = groups.removeValue(forKey: incident)?.alerts ?? []
    for alert in alerts { members[alert] = nil }
    return alerts
  }

  private mutating func count(_ member: Member, _ sign: Int) {
    groups[member.incident]?.firing += member.isOver ? 0 : sign
    groups[member.incident]?.owing += member.owesClosing ? sign : 0
    guard member.isTwin else { return }
    groups[member.incident]?.twins += sign
    groups[member.incident]?.twinsFiring += member.isOver ? 0 : sign
  }
}
