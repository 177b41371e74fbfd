import Messages

/// The timeline of an incident as a document (requirement E8; procedure, "Required documentation: incident timeline for SEV-1/2"):
/// what a reader wants to know first, then everything in order.
extension TimelineDocument {
  /// About how many bytes of lines there are in one: it is told as data and in Markdown, and both must fit into a message,
  /// beside a whole review.
  private static let bytesOfLines = 250 * 1_024

  /// - Parameter all: in order. The last of too many are only counted.
  public init(of incident: Incident, lines all: [TimelineLine]) {
    let lines = Self.fitting(all, incident.id)
    let answers = all.filter { $0.kind == "acknowledged" }
    let responders = answers.map(\.person).distinct
    let resolved = incident.state == .resolved && incident.resolvedAt.isSet ? incident.resolvedAt : nil
    self.init(
      incident: incident, timeToAcknowledge: answers.first.map { max(.zero, $0.at - incident.openedAt) } ?? .zero,
      timeToResolve: resolved.map { max(.zero, $0 - incident.openedAt) } ?? .zero, responders: responders,
      paged: all.filter { $0.kind == "paged" }.map(\.person).distinct.filter { !responders.contains($0) },
      breaches: lines.filter { $0.kind == "breach" }, updates: lines.filter { $0.kind == "update" }, lines: lines)
  }

  private static func fitting(_ lines: [TimelineLine], _ incident: String) -> [TimelineLine] {
    var bytes = 0
    let kept = lines.prefix { line in
      // Breaches and updates are told by themselves too.
      let times = line.kind == "breach" || line.kind == "update" ? 2 : 1
      bytes +=
        times * (40 + line.incidentId.utf8.count + line.kind.utf8.count + line.person.utf8.count + line.text.utf8.count)
      return bytes <= bytesOfLines
    }
    guard kept.count < lines.count else { return lines }
    let text = "\(lines.count - kept.count) more: tocsinctl incident timeline \(incident)"
    return Array(kept) + [TimelineLine(at: lines[kept.count].at, incidentId: incident, kind: "left out", text: text)]
  }
}
