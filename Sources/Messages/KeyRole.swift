/// What a key may be used for: one that leaks, or a source that goes wrong, can do no more than this. Which method needs which
/// is in `MethodAccess`'s table.
public enum KeyRole: String, CaseIterable, Hashable, Sendable {
  /// Publishes and resolves alerts under its own name.
  case source
  /// Somebody on call: answers for incidents, arranges their own shifts.
  case responder
  /// Leads a team: what a responder may, for others too, and what only leads decide.
  case lead
  /// Everything that people may do, in anybody's name.
  case admin
  /// A tier, calling another one.
  case service
  /// Looks and changes nothing.
  case observer
  /// Shows to others what is meant for them: the status page, and calendars by secret address.
  case noticeboard
  /// Shows pages to people who sign in there, and acts in the name of whoever a request names, as their own key with the role
  /// responder might; by the few methods that the pages need.
  case pages
}

/// Some roles, as one number: looked at for every call.
public struct KeyRoles: OptionSet, Hashable, Sendable {
  public let rawValue: UInt8

  public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  public init(_ role: KeyRole) {
    rawValue = 1 << UInt8(KeyRole.allCases.firstIndex(of: role) ?? 0)
  }

  public init(_ roles: some Sequence<KeyRole>) {
    self = roles.reduce(into: []) { $0.formUnion(KeyRoles($1)) }
  }

  public static let source = KeyRoles(KeyRole.source)
  public static let responder = KeyRoles(KeyRole.responder)
  public static let lead = KeyRoles(KeyRole.lead)
  public static let admin = KeyRoles(KeyRole.admin)
  public static let service = KeyRoles(KeyRole.service)
  public static let observer = KeyRoles(KeyRole.observer)
  public static let noticeboard = KeyRoles(KeyRole.noticeboard)
  public static let pages = KeyRoles(KeyRole.pages)
  public static let all = KeyRoles(KeyRole.allCases)

  public var roles: [KeyRole] { KeyRole.allCases.filter { contains(KeyRoles($0)) } }
  /// For people: "responder,lead".
  public var words: String { roles.map(\.rawValue).joined(separator: ",") }
}
