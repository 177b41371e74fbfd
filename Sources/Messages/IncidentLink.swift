/// Where incidents can be seen, as a template that a policy has: "https://tocsin.example/incidents/{id}" (requirement E6).
public enum IncidentLink {
  /// What stands for the incident's id.
  public static let place = "{id}"
  /// A page has room for no longer one, in letters.
  public static let longest = 200
  /// What a good one is, for whoever wrote a bad one.
  public static let rule =
    "http:// or https://, a host, and {id} once where the incident's id goes, in at most \(longest) letters without blanks"

  public static func isTemplate(_ text: String) -> Bool {
    guard let scheme = ["https://", "http://"].first(where: { text.hasPrefix($0) }) else { return false }
    let host = text.dropFirst(scheme.count).prefix { !"/?#".contains($0) }
    let isPlain = text.unicodeScalars.allSatisfy {
      (0x21...0x7e).contains($0.value) && !"\"<>\\^`|".unicodeScalars.contains($0)
    }
    return isPlain && text.count <= longest && !host.isEmpty && !host.hasPrefix(":") && !host.contains("{")
      && text.ranges(of: place).count == 1 && text.count { "{}".contains($0) } == 2
  }

  /// The link to one incident: an id has digits, letters and hyphens, which need no escaping.
  public static func to(_ incident: String, by template: String) -> String {
    template.isEmpty ? "" : template.replacing(place, with: incident)
  }
}
