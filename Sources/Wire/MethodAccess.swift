import Messages

/// Who may call a method, and as whom: one row of the table that tiers enforce, `tocsinctl keys roles` prints and the README shows.
public struct MethodAccess: Sendable {
  public var path: String
  public var roles: KeyRoles
  /// The field that says who does it; empty: none does.
  public var actor: String
  private let reads: (any Sendable)?

  /// How a request's field is read.
  private struct Reader<Request: WireMessage>: Sendable {
    var read: @Sendable (Request) -> String
  }

  init<Request, Response>(_ method: Method<Request, Response>, _ roles: KeyRoles) {
    path = method.path
    self.roles = roles
    actor = ""
    reads = nil
  }

  init<Request, Response>(
    _ method: Method<Request, Response>, _ roles: KeyRoles, as actor: String,
    _ read: @escaping @Sendable (Request) -> String
  ) {
    path = method.path
    self.roles = roles
    self.actor = actor
    reads = Reader(read: read)
  }

  /// What a caller without any of the roles is told; nil: one of them is there.
  public func objection(to principal: Principal) -> Refusal? {
    guard principal.roles.isDisjoint(with: roles) else { return nil }
    return Refusal(
      .permissionDenied,
      "\(path) needs the role \(roles.roles.map(\.rawValue).joined(separator: " or ")); the key of \(principal.name) has "
        + principal.roles.words, field: "method")
  }

  /// What a caller who speaks in another's name is told; nil: it is their own, or they may.
  public func objection<Request: WireMessage>(to principal: Principal, saying request: Request) -> Refusal? {
    guard !principal.mayActForOthers, let reader = reads as? Reader<Request> else {
      return nil
    }
    let name = reader.read(request)
    guard name != principal.name else { return nil }
    return Refusal(
      .permissionDenied,
      "the key of \(principal.name) acts as \(principal.name) only, not as \"\(name.prefix(64))\"; a key with the role "
        + "lead or admin may act for others", field: actor)
  }

  /// - Parameter path: one that no row names is the administrator's.
  public static func of(_ path: String) -> MethodAccess {
    byPath[path] ?? MethodAccess(path: path)
  }

  private init(path: String) {
    self.path = path
    roles = .admin
    actor = ""
    reads = nil
  }

  private static let byPath = Dictionary(uniqueKeysWithValues: all.map { ($0.path, $0) })
}
