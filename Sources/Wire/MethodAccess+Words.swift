import Messages

/// The table as people read it: in the README and by `tocsinctl keys roles`.
extension MethodAccess {
  /// Methods that the same keys may call, in the same name.
  public struct Group: Sendable {
    public var roles: String
    public var methods: [String]
    /// "by", "source"; empty: no name is asked for.
    public var actor: String
    /// The only tiers that may, by their keys' names; empty: any, where the role is among those.
    public var tiers: [String]

    /// A row of Markdown.
    public var row: String {
      let condition =
        tiers.isEmpty
        ? actor.isEmpty ? "" : "`\(actor)` is its own"
        : "of tiers \(tiers.map { "`\($0)`" }.joined(separator: ", ")) only"
      return "| \(roles) | \(condition) | \(methods.joined(separator: ", ")) |"
    }
  }

  /// In the order of the table.
  public static var groups: [Group] {
    var groups: [Group] = []
    for access in all {
      let roles = access.roles == .all ? "all" : access.roles.words.split(separator: ",").joined(separator: ", ")
      let name = access.path.split(separator: ".").last.map(String.init) ?? access.path
      // Whoever needs to lead may act for others, so that no name is asked for.
      let actor = access.roles.isSubset(of: [.lead, .admin, .service]) ? "" : access.actor
      let tiers = access.tiers.map(\.tierName)
      if let place = groups.firstIndex(where: { $0.roles == roles && $0.actor == actor && $0.tiers == tiers }) {
        groups[place].methods.append(name)
      } else {
        groups.append(Group(roles: roles, methods: [name], actor: actor, tiers: tiers))
      }
    }
    return groups
  }
}
