import Configuration
import Messages

/// What two runs of the same alerts have come to.
enum RehearsalText {
  static func show(_ reply: RehearsalReply, of team: String, _ times: Times) {
    print(
      "alerts of \(SafeText.line(team)) from \(times.full(reply.fromAt)) until \(times.full(reply.untilAt)), "
        + "by the present policies and as edited\n")
    sums(reply.present ?? RehearsedSums(), reply.edited ?? RehearsedSums())
    print("")
    people(reply.people)
    print("")
    incidents(reply, times)
    print("\nBoth are rehearsed: answers come as long after a page as they really did (--help says the rest).")
  }

  private static func sums(_ present: RehearsedSums, _ edited: RehearsedSums) {
    var table = Table("", "PRESENT", "EDITED")
    func add(_ words: String, _ sum: KeyPath<RehearsedSums, UInt64>, isAlways: Bool = true) {
      guard isAlways || present[keyPath: sum] > 0 || edited[keyPath: sum] > 0 else { return }
      table.add(words, "\(present[keyPath: sum])", "\(edited[keyPath: sum])")
    }
    add("incidents", \.incidents)
    add("pages", \.pages)
    add("went beyond the first tier", \.escalated)
    add("chains that began again", \.rounds)
    add("target missed", \.targetsMissed)
    add("nobody acknowledged, though somebody did", \.unanswered, isAlways: false)
    for tier in Set((present.unreached + edited.unreached).map(\.tier)).sorted() {
      func times(_ sums: RehearsedSums) -> String { "\(sums.unreached.first { $0.tier == tier }?.times ?? 0)" }
      table.add("nobody found on \(DutyTier.word(tier))", times(present), times(edited))
    }
    add("done then, and not possible here", \.impossible, isAlways: false)
    table.print(otherwise: "")
  }

  private static func people(_ people: [PersonRehearsed]) {
    var table = Table("PERSON", "REPORTED", "PAGES", "NIGHTS", "WEEKENDS", "WOKEN", "INTERRUPTED")
    for person in people {
      let present = person.present ?? RehearsedLoad()
      let edited = person.edited ?? RehearsedLoad()
      func cell(_ load: KeyPath<RehearsedLoad, UInt64>) -> String {
        let (before, after) = (present[keyPath: load], edited[keyPath: load])
        return before == after ? "\(before)" : "\(before) -> \(after)"
      }
      table.add(
        person.person, "\(person.reported?.pages ?? 0)", cell(\.pages), cell(\.nights), cell(\.weekends),
        cell(\.wakings), cell(\.interruptions))
    }
    table.print(otherwise: "nobody was paged, and nobody would have been")
  }

  private static func incidents(_ reply: RehearsalReply, _ times: Times) {
    var table = Table(
      "INCIDENT", "OPENED (\(times.zone))", "SEVERITY", "WHAT", "", "ACKNOWLEDGED",
      "PAGED, AND HOW LONG AFTER IT OPENED")
    for incident in reply.differing {
      let what = [incident.service, incident.alertClass].filter { !$0.isEmpty }.joined(separator: ", ")
      let present = incident.present ?? RehearsedCourse()
      let edited = incident.edited ?? RehearsedCourse()
      table.add(
        incident.incidentId, times.short(incident.openedAt), incident.severity.word,
        what.isEmpty ? incident.summary : what, "present", answer(present, incident.openedAt),
        paged(present, incident.openedAt))
      table.add("", "", "", "", "edited", answer(edited, incident.openedAt), paged(edited, incident.openedAt))
    }
    table.print(otherwise: "no incident would have gone otherwise")
    if reply.differingLeftOut > 0 {
      print("and \(reply.differingLeftOut) more incidents: rehearse a shorter time to see them")
    }
  }

  /// "ben 16m"
  private static func answer(_ course: RehearsedCourse, _ opened: Instant) -> String {
    course.acknowledgedAt.isSet ? "\(course.acknowledgedBy) \(after(course.acknowledgedAt, opened))" : "-"
  }

  private static let callsShown = 4

  /// "ana 0s, ben 15m (tier 2) and 2 others"
  private static func paged(_ course: RehearsedCourse, _ opened: Instant) -> String {
    guard course.partOf.isEmpty else { return "part of \(course.partOf)" }
    let calls = course.pages.filter { $0.purpose == .duty }
    let shown = calls.prefix(callsShown).map { page in
      let channels = page.channels.isEmpty ? "" : " by \(page.channels.joined(separator: "/"))"
      return "\(page.person) \(after(page.at, opened))\(page.tier > 1 ? " (tier \(page.tier))" : "")\(channels)"
    }
    let words = shown.isEmpty ? "nobody" : shown.joined(separator: ", ")
    let more = calls.count - shown.count + Int(clamping: course.pagesLeftOut)
    return words + (more > 0 ? " and \(more) more" : "")
  }

  private static func after(_ instant: Instant, _ opened: Instant) -> String {
    SpanText.text(.seconds(max(0, (instant - opened).milliseconds / 1_000)))
  }
}
