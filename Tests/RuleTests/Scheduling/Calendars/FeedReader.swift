import Messages

/// Reads a calendar feed as a program does that shares no code with what wrote it.
enum FeedReader {
  /// Lines put together again, a dictionary an event.
  static func events(_ reply: FeedReply) -> [[String: String]] {
    let lines = String(decoding: reply.text, as: UTF8.self).replacing("\r\n ", with: "").split(separator: "\r\n")
    var events: [[String: String]] = []
    for line in lines {
      if line == "BEGIN:VEVENT" { events.append([:]) }
      let parts = line.split(separator: ":", maxSplits: 1).map(String.init)
      guard !events.isEmpty, parts.count == 2, parts[0] != "BEGIN", parts[0] != "END" else { continue }
      events[events.count - 1][parts[0]] = parts[1]
    }
    return events
  }

  /// An instant as a feed writes it, without a fraction of a second.
  static func time(_ instant: Instant) -> String {
    instant.rfc3339.prefix(19).filter { $0 != "-" && $0 != ":" } + "Z"
  }
}

extension ScheduleConfiguration {
  /// Everybody is in another team, which has no rotations yet; the one that there was is given up.
  func moved(to team: String) -> ScheduleConfiguration {
    var moved = ScheduleConfiguration(people: people, teams: teams, training: training)
    moved.teams[0].id = team
    for index in moved.people.indices { moved.people[index].team = team }
    return moved
  }
}
