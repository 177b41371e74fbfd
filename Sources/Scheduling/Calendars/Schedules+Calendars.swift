import CivilTime
import Messages

/// The schedule for people's own calendars (requirement S12), a pure function of what is known: no feed is remembered, and
/// what an earlier one said follows from when each change became known. It shows what people can rely on: what is promised,
/// and what people arranged beyond that.
extension Schedules {
  static let feedBehind = Span.days(90)
  static let feedAhead = Span.days(365)
  /// A payload has at most a mebibyte; the rest is for whatever carries the text.
  static let feedOctetsAtMost = 1_000_000

  /// A team's tiers 1 to 3, or one person's shifts, with what was theirs and isn't any more as CANCELLED.
  public func feed(_ request: FeedRequest, now: Instant) throws(Refusal) -> FeedReply {
    let from = request.fromAt.isSet ? request.fromAt : now - Self.feedBehind
    let until = request.untilAt.isSet ? request.untilAt : now + Self.feedAhead
    guard from.milliseconds > 0 else { throw .invalid("from_at_ms", "must lie after 1970") }
    guard from < until, until < .distantFuture else {
      throw .invalid("until_at_ms", "must be after from_at_ms and before the year 9999")
    }
    guard until - from <= Self.shownAtMost else { throw .invalid("until_at_ms", "at most two years at a time") }
    guard !request.team.isEmpty || !request.person.isEmpty else {
      throw .invalid("team", "name a team or a person: a calendar is of one or the other")
    }
    guard request.person.isEmpty || everyone[request.person] != nil else {
      throw .notFound("nobody is called \(request.person)", field: "person")
    }
    guard request.team.isEmpty || boards[request.team] != nil else {
      throw .notFound("no team is called \(request.team)", field: "team")
    }
    let teams = request.team.isEmpty ? (teamsByPerson[request.person] ?? []).sorted() : [request.team]
    var reply = FeedReply(publishedUntilAt: publishedUntil(teams))
    var events: [CalendarEvent] = []
    for team in teams { events += self.events(of: team, from: from, until: until) }
    var text = CalendarText()
    begin(&text, request)
    for event in events.sorted(by: { ($0.shift.fromAt, $0.id) < ($1.shift.fromAt, $1.id) }) {
      guard let shift = request.person.isEmpty ? event.shift : event.held[request.person],
        shift.fromAt < until, from < shift.untilAt, shift.fromAt.isSet, shift.untilAt < .distantFuture
      else { continue }
      let stands = request.person.isEmpty ? event.stands : event.isOf(request.person)
      add(event, shift, stands: stands, isPersonal: !request.person.isEmpty, to: &text)
      reply.events += 1
      if !stands { reply.cancelled += 1 }
      guard text.text.utf8.count <= Self.feedOctetsAtMost else {
        throw Refusal(
          .outOfRange, "more than \(Self.feedOctetsAtMost) octets: ask for a shorter span", field: "until_at_ms")
      }
    }
    text.add("END", "VCALENDAR")
    reply.text = Array(text.text.utf8)
    return reply
  }

  /// Until when everything is promised that concerns these teams; unset where nothing rotates.
  private func publishedUntil(_ teams: [String]) -> Instant {
    teams.compactMap { boards[$0] }.flatMap(\.lanes).filter { !$0.rotations.isEmpty }.map(\.publishedUntil).min()
      ?? .unset
  }

  private func events(of team: String, from: Instant, until: Instant) -> [CalendarEvent] {
    guard let board = boards[team] else { return [] }
    return board.lanes.flatMap { lane in
      ShiftHistory(team: team, lane: lane, absences: board.absences, from: from, until: until).events.values
    }
  }

  private func begin(_ text: inout CalendarText, _ request: FeedRequest) {
    let whose = request.person.isEmpty ? [] : [calendarName(request.person)]
    let team = request.team.isEmpty ? [] : [title(ofTeam: request.team)]
    text.add("BEGIN", "VCALENDAR")
    text.add("VERSION", "2.0")
    text.add("PRODID", "-//Tocsin//On call//EN")
    text.add("CALSCALE", "GREGORIAN")
    text.add("METHOD", "PUBLISH")
    text.addWords("X-WR-CALNAME", "On call: " + (whose + team).joined(separator: ", "))
    text.add("REFRESH-INTERVAL;VALUE=DURATION", "PT15M")
    text.add("X-PUBLISHED-TTL", "PT15M")
  }

  private func add(
    _ event: CalendarEvent, _ shift: Shift, stands: Bool, isPersonal: Bool, to text: inout CalendarText
  ) {
    let duty = "\(ScheduleDraft.name(ofTier: shift.tier)) of \(title(ofTeam: event.team))"
    let summary =
      if shift.person.isEmpty {
        "NOBODY is on call: \(duty)"
      } else if isPersonal {
        "On call: \(duty)"
      } else {
        "On call: \(calendarName(shift.person)), \(duty)"
      }
    text.add("BEGIN", "VEVENT")
    text.add("UID", event.id)
    text.add("SEQUENCE", "\(event.sequence)")
    text.add("DTSTAMP", CalendarText.time(event.knownAt))
    text.add("LAST-MODIFIED", CalendarText.time(event.knownAt))
    text.add("DTSTART", CalendarText.time(shift.fromAt))
    text.add("DTEND", CalendarText.time(shift.untilAt))
    text.addWords("SUMMARY", summary)
    text.addWords("DESCRIPTION", description(of: event, shift, stands: stands))
    text.add("STATUS", stands ? "CONFIRMED" : "CANCELLED")
    text.add("TRANSP", "TRANSPARENT")
    text.add("END", "VEVENT")
  }

  /// Why it is theirs, or whose it is now and why.
  private func description(of event: CalendarEvent, _ shift: Shift, stands: Bool) -> String {
    if stands { return shift.explanation }
    guard event.stands else { return "no shift begins here any more (it was: \(shift.explanation))" }
    let holder = event.shift.person.isEmpty ? "nobody" : calendarName(event.shift.person)
    return "now \(holder): \(event.shift.explanation)"
  }

  private func calendarName(_ person: String) -> String {
    everyone[person].flatMap { $0.name.isEmpty ? nil : $0.name } ?? person
  }

  private func title(ofTeam id: String) -> String { boards[id]?.team?.title ?? id }
}
