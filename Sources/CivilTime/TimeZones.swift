/// The zones that a program knows by their IANA names, given from outside so that rules read no files.
///
/// UTC is always known. The version names the tz database they came from, for the journal.
public struct TimeZones: Hashable, Sendable {
  public let version: String
  private var rules: [String: TimeZoneRules]

  public init(_ rules: [String: TimeZoneRules] = [:], version: String = "") {
    self.rules = rules
    self.rules["UTC"] = .utc
    self.version = version
  }

  /// The rules of a zone; an empty name, which is how a message says nothing, means UTC.
  public subscript(name: String) -> TimeZoneRules? { name.isEmpty ? .utc : rules[name] }

  public var names: [String] { rules.keys.sorted() }
}
