import Messages

/// Who may call a method, and as whom: one row of the table that tiers enforce, `tocsinctl keys roles` prints and the README shows.
public struct MethodAccess: Sendable {
  public var path: String
  public var roles: KeyRoles
  /// Of the tiers, which may; empty: any, where the role `service` may.
  public var tiers: [Peer]
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
    tiers = []
    actor = ""
    reads = nil
  }

  /// What tiers tell each other: each is believed in what is its own to tell, so that the stolen key of one can't speak as another,
  /// and silence somebody with an answer that only the notifier hears of.
  init<Request, Response>(_ method: Method<Request, Response>, from tiers: Peer...) {
    path = method.path
    roles = [.service, .admin]
    self.tiers = tiers
    actor = ""
    reads = nil
  }

  init<Request, Response>(
    _ method: Method<Request, Response>, _ roles: KeyRoles, as actor: String,
    _ read: @escaping @Sendable (Request) -> String
  ) {
    path = method.path
    self.roles = roles
    tiers = []
    self.actor = actor
    reads = Reader(read: read)
  }

  /// What a caller without any of the roles, or another tier than is meant, is told; nil: they may call it.
  public func objection(to principal: Principal) -> Refusal? {
    let held = principal.roles.intersection(roles)
    guard !held.isEmpty else {
      return Refusal(
        .permissionDenied,
        "\(path) needs the role \(roles.roles.map(\.rawValue).joined(separator: " or ")); the key of \(principal.name) has "
          + principal.roles.words, field: "method")
    }
    guard held == .service, !tiers.isEmpty, !tiers.contains(where: { $0.tierName == principal.name }) else {
      return nil
    }
    return Refusal(
      .permissionDenied,
      "\(path) needs, of tiers' keys, that of \(tiers.map(\.tierName).joined(separator: " or ")); this is the key of "
        + principal.name, field: "method")
  }

  /// What a caller who speaks in another's name is told; nil: it is their own, or they may.
  public func objection<Request: WireMessage>(to principal: Principal, saying request: Request) -> Refusal? {
    guard !principal.mayActForOthers, let reader = reads as? Reader<Request> else {
      return nil
    }
    let name = reader.read(request)
    if principal.speaksForPeople {
      return name.isEmpty ? .invalid(actor, "must say for whom \(principal.name) acts") : nil
    }
    guard name != principal.name else { return nil }
    return Refusal(
      .permissionDenied,
      "the key of \(principal.name) acts as \(principal.name) only, not as \"\(name.prefix(64))\"; a key with the role "
        + "lead or admin may act for others", field: actor)
  }

  /// In whose name a request is decided, where its caller acts in one name only: the caller's own, or of whom it speaks for.
  public func name<Request: WireMessage>(of principal: Principal, saying request: Request) -> String {
    guard principal.speaksForPeople, let reader = reads as? Reader<Request> else { return principal.name }
    return reader.read(request)
  }

  /// - Parameter path: one that no row names is the administrator's.
  public static func of(_ path: String) -> MethodAccess {
    byPath[path] ?? MethodAccess(path: path)
  }

  private init(path: String) {
    self.path = path
    roles = .admin
    tiers = []
    actor = ""
    reads = nil
  }

  private static let byPath = Dictionary(uniqueKeysWithValues: all.map { ($0.path, $0) })
}
