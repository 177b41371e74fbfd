import ArgumentParser
import Messages
import Wire

/// One incident with everything that is known of it now.
struct IncidentShow: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show one incident, its pages, and what was changed before it.")

  @Argument(help: ArgumentHelp("The incident.", valueName: "id"))
  var id: String

  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let reply = try await global.cluster.call(
      .escalator, EscalationMethods.getIncident, GetIncidentRequest(incidentId: id))
    try IncidentAnswer.show(reply, global, whole: true)
    guard global.output == .table, let incident = reply.incident else { return }
    await showChanges(before: incident)
  }

  /// Of its service, or of its team where it has none: from a day before it opened until it was over (I8).
  private func showChanges(before incident: Incident) async {
    let request = ChangesRequest(
      service: incident.service, team: incident.service.isEmpty ? incident.team : "",
      fromAt: incident.openedAt - .days(1), untilAt: incident.resolvedAt, limit: 10)
    do {
      let list = try await ChangeText.list(request, of: global.cluster)
      guard !list.changes.isEmpty else { return }
      print("")
      ChangeText.table(list.changes, global.times).print(otherwise: "")
    } catch {
      print("\nwhat was changed is not known: \(error)")
    }
  }
}

/// What happened to one incident, in order.
struct IncidentTimeline: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "timeline", abstract: "Everything that happened to one incident, in order.")

  @Argument(help: ArgumentHelp("The incident.", valueName: "id"))
  var id: String

  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let reply = try await global.cluster.call(
      .escalator, EscalationMethods.getTimeline, GetTimelineRequest(incidentId: id))
    let times = global.times
    try Answer.show(reply, global.output) {
      if let incident = reply.incident {
        print("\(incident.id)  \(incident.severity.word)  \(incident.state.word)  \(SafeText.line(incident.summary))")
        print("opened \(times.full(incident.openedAt))")
      }
      var day = ""
      for line in reply.lines {
        // Each day's lines stand under it: an incident may last longer than a clock's round.
        if times.day(line.at) != day {
          day = times.day(line.at)
          print("\n\(day)")
        }
        print(TimelineText.line(line, times, withIncident: false))
      }
    }
  }
}

/// One line of a timeline as it is printed, in `incident timeline` and in `watch`.
enum TimelineText {
  static func line(_ line: TimelineLine, _ times: Times, withIncident: Bool) -> String {
    var words = [times.clock(line.at)]
    if withIncident { words.append(padded(line.incidentId, 8)) }
    words += [padded(line.kind, 14), padded(line.person.isEmpty ? "-" : line.person, 6), SafeText.line(line.text)]
    return words.joined(separator: "  ")
  }

  private static func padded(_ text: String, _ columns: Int) -> String {
    let clean = SafeText.line(text)
    return clean + String(repeating: " ", count: max(0, columns - SafeText.width(clean)))
  }
}
