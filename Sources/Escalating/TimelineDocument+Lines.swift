import Messages

/// The timeline of an incident as a document (requirement E8; procedure, "Required documentation: incident timeline for SEV-1/2"):
/// what a reader wants to know first, then everything in order.
extension TimelineDocument {
  public init(of incident: Incident, lines: [TimelineLine]) {
    let answers = lines.filter { $0.kind == "acknowledged" }
    let responders = answers.map(\.person).distinct
    let resolved = incident.state == .resolved && incident.resolvedAt.isSet ? incident.resolvedAt : nil
    self.init(
      incident: incident, timeToAcknowledge: answers.first.map { max(.zero, $0.at - incident.openedAt) } ?? .zero,
      timeToResolve: resolved.map { max(.zero, $0 - incident.openedAt) } ?? .zero, responders: responders,
      paged: lines.filter { $0.kind == "paged" }.map(\.person).distinct.filter { !responders.contains($0) },
      breaches: lines.filter { $0.kind == "breach" }, updates: lines.filter { $0.kind == "update" }, lines: lines)
  }
}
