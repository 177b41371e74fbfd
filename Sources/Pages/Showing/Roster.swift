import CivilTime
import Messages
import Wire

/// People and teams by the names that readers know, and the reader's clock.
struct Roster {
  let teams: [Team]
  private let names: [String: String]
  private let zones: [String: String]

  init(_ reply: ListPeopleReply) {
    teams = reply.teams
    names = Dictionary(reply.people.map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first })
    zones = Dictionary(reply.people.map { ($0.id, $0.timeZone) }, uniquingKeysWith: { first, _ in first })
  }

  func name(_ person: String) -> String {
    guard let name = names[person], !name.isEmpty else { return person }
    return name
  }

  /// In their own zone, else the first team's.
  func zone(of person: String) -> String {
    if let zone = zones[person], !zone.isEmpty { return zone }
    return teams.first?.calendar?.timeZone ?? ""
  }

  func team(_ id: String) -> Team? { teams.first { $0.id == id } ?? (id.isEmpty ? teams.first : nil) }
}

extension Site {
  /// Who is who, as far as it was ever told here.
  func roster() async -> Roster {
    let reply = await desk.part(.scheduler, ScheduleMethods.listPeople, ListPeopleRequest())
    if case .success(let told) = reply { lastRoster.withLock { $0 = told } }
    return Roster(lastRoster.withLock { $0 })
  }

  func time(of visit: Visit, _ roster: Roster) -> ReaderTime {
    ReaderTime(zone: settings.zone(roster.zone(of: visit.by)) ?? .utc, now: visit.now)
  }

  /// A team that was asked for by its id, with the others to choose from.
  func teamChoice(_ roster: Roster, _ chosen: Team, at path: String) -> Shown {
    guard roster.teams.count > 1 else { return .list([]) }
    return .list(
      roster.teams.map {
        [
          "name": .text($0.name.isEmpty ? $0.id : $0.name), "href": .text("\(path)?team=\(PlainPath.escaped($0.id))"),
          "chosen": .flag($0.id == chosen.id),
        ]
      })
  }

  func team(in visit: Visit, _ roster: Roster) throws(Refusal) -> Team {
    let wanted = visit.query["team"]
    guard let team = roster.team(wanted) else {
      throw roster.teams.isEmpty
        ? Refusal(.unavailable, "the scheduler can't be reached, or knows no team yet")
        : .notFound("there is no team \"\(wanted.prefix(64))\"")
    }
    return team
  }
}
