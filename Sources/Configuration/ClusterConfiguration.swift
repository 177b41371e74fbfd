import Messages

/// A whole configuration, cut into the slice of each tier: what `tocsinctl apply` sends.
public struct ClusterConfiguration: Hashable, Sendable {
  public var schedule: ScheduleConfiguration
  public var intake: IntakeConfiguration
  public var escalation: EscalationConfiguration
  public var notification: NotificationConfiguration

  public init(
    schedule: ScheduleConfiguration, intake: IntakeConfiguration, escalation: EscalationConfiguration,
    notification: NotificationConfiguration
  ) {
    self.schedule = schedule
    self.intake = intake
    self.escalation = escalation
    self.notification = notification
  }

  /// Reads files as one configuration, in which any document may mention any other; throws everything that is wrong.
  public init(reading files: [SourceFile], zones: ZoneNames = .ofThisMachine()) throws(ConfigurationError) {
    let documents = files.filter { !$0.isCalendar }
    let draft = Draft(
      zones: zones, firstFile: documents.first?.name ?? "configuration", calendars: files.filter(\.isCalendar))
    for file in documents { draft.read(file) }
    if !draft.isIncomplete { draft.check() }
    guard draft.problems.isEmpty, let defaults = draft.defaults.first?.value else {
      throw ConfigurationError(problems: ClusterConfiguration.inOrder(draft.problems, of: files))
    }
    self.init(
      schedule: ScheduleConfiguration(
        people: draft.people, teams: draft.teams, rotations: draft.rotations, training: draft.training,
        pay: draft.pay),
      intake: IntakeConfiguration(
        services: draft.services, routes: draft.routes, classes: draft.classes, defaultTeam: defaults.team,
        defaultPolicy: defaults.policy, heartbeats: draft.heartbeats, rateLimit: defaults.rateLimit,
        syntheticEvery: draft.watch?.syntheticEvery ?? .zero),
      escalation: EscalationConfiguration(
        policies: draft.policies, defaultTeam: defaults.team, defaultPolicy: defaults.policy,
        contacts: draft.teams.map { ClusterConfiguration.contacts(of: $0, among: draft.people) }),
      notification: NotificationConfiguration(
        contacts: ClusterConfiguration.named(draft.contacts, after: draft.people), defaultRules: defaults.rules,
        channels: draft.channels, watch: draft.watchSettings, limits: draft.limits?.value))
  }

  /// The notifier greets people by name, and lets them sleep by their own clock; it knows nobody else's list of them.
  private static func named(_ contacts: [Contact], after people: [Person]) -> [Contact] {
    var names: [String: String] = [:]
    var zones: [String: String] = [:]
    for person in people { (names[person.id], zones[person.id]) = (person.name, person.timeZone) }
    return contacts.map { contact in
      var contact = contact
      contact.name = names[contact.person] ?? contact.person
      for index in contact.quietHours.indices where contact.quietHours[index].timeZone.isEmpty {
        contact.quietHours[index].timeZone = zones[contact.person] ?? "UTC"
      }
      return contact
    }
  }

  /// Whom the escalator pages for a team while no schedule has come (E9): nobody's shifts, and what no schedule decides.
  private static func contacts(of team: Team, among people: [Person]) -> Timeline {
    let behind = Set([team.lead] + team.managers + team.executives)
    return Timeline(
      team: team.id, executives: team.executives, managers: team.managers, lead: team.lead,
      people: people.filter { behind.contains($0.id) || $0.team == team.id }.map { Person(id: $0.id, name: $0.name) },
      calendar: team.calendar)
  }

  private static func inOrder(_ problems: [Problem], of files: [SourceFile]) -> [Problem] {
    var order: [String: Int] = [:]
    for (index, file) in files.enumerated() { order[file.name] = order[file.name] ?? index }
    var seen: Set<Problem> = []
    return problems.filter { seen.insert($0).inserted }.sorted {
      (order[$0.place.file] ?? 0, $0.place.line, $0.place.column)
        < (order[$1.place.file] ?? 0, $1.place.line, $1.place.column)
    }
  }
}
