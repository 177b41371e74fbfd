/// What a host is called, however an address writes it: two addresses of one server are told to be that.
public enum HostName {
  /// "hooks.example" of "HTTP://user@Hooks.Example.:80/x": in lower case, without a user, the dot at a name's end and the port that the
  /// scheme means anyway. Empty when the address names no host.
  public static func of(_ url: String) -> String {
    let mark = url.firstRange(of: "://")
    let scheme = mark.map { url[..<$0.lowerBound].lowercased() } ?? ""
    var place = url[(mark?.upperBound ?? url.startIndex)...].prefix { !"/?#".contains($0) }
    if let user = place.lastIndex(of: "@") { place = place[place.index(after: user)...] }
    // The colons of an address in brackets ("[::1]:8080") begin no port.
    let end = place[(place.lastIndex(of: "]") ?? place.startIndex)...].firstIndex(of: ":") ?? place.endIndex
    var name = place[..<end].lowercased()
    if name.hasSuffix(".") { name.removeLast() }
    let port = place[end...].dropFirst()
    return port.isEmpty || UInt16(port) == usualPorts[scheme] ? name : "\(name):\(port)"
  }

  private static let usualPorts: [String: UInt16] = ["http": 80, "https": 443, "smtp": 25, "smtps": 465]
}
