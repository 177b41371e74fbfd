/// Who calls, as the transport has proven it: never what a message says of its sender.
public struct Principal: Hashable, Sendable {
  /// A tier, a source, or a person by id.
  public var name: String
  public var roles: KeyRoles
  public var tenant: String

  public init(_ name: String, roles: KeyRoles, tenant: String = "") {
    self.name = name
    self.roles = roles
    self.tenant = tenant
  }

  /// Anybody, where a cluster runs on loopback without keys.
  public static let anonymous = Principal("anonymous", roles: .all)
}
