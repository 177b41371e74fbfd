/// What configuration defines in one place and mentions in others.
enum Thing: Hashable {
  case team, person, rotation, policy, service, route, alertClass, heartbeat, contact

  /// How a complaint calls a mention of one.
  var naming: String {
    switch self {
    case .team: "id of a team"
    case .person: "id of a person"
    case .rotation: "id of a rotation"
    case .policy: "name of a policy"
    case .service: "name of a service"
    case .route: "name of a route"
    case .alertClass: "name of an alert class"
    case .heartbeat: "name of a heartbeat"
    case .contact: "id of a person with a contact"
    }
  }
}

/// A place that names a thing which must be defined somewhere.
struct Mention {
  var kind: Thing
  var name: Placed<String>
}
