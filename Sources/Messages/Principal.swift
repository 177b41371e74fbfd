/// Who calls, as the transport has proven it: never what a message says of its sender.
public struct Principal: Hashable, Sendable {
  /// A tier, a source, or a person by id.
  public var name: String
  public var roles: KeyRoles

  public init(_ name: String, roles: KeyRoles) {
    self.name = name
    self.roles = roles
  }

  /// Whether its key speaks for people besides the one that it is named after.
  public var mayActForOthers: Bool { !roles.isDisjoint(with: [.lead, .admin, .service]) }

  /// Whether its key speaks in the name of whoever a request names, with what that person's own key might: of whoever shows pages to
  /// people, and has seen who they are.
  public var speaksForPeople: Bool { roles.contains(.pages) && !mayActForOthers }

  /// Whether its key publishes, and is no person's or operator's.
  public var isSourceOnly: Bool {
    roles.contains(.source) && roles.isDisjoint(with: [.responder, .lead, .admin, .service])
  }

  /// Whether its key is a person's, and no source's or tier's: what such a one publishes is somebody's deed and not a monitor's.
  public var isPersonOnly: Bool {
    !roles.isDisjoint(with: [.responder, .lead, .admin]) && roles.isDisjoint(with: [.source, .service])
  }

  /// Anybody, where a cluster runs on loopback without keys.
  public static let anonymous = Principal("anonymous", roles: .all)
}
