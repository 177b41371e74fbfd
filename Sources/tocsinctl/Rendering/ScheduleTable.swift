import Messages

/// A team's schedule as a calendar: a column a tier, a row a week, or for each shorter stretch in which nothing changes.
struct ScheduleTable {
  let reply: ShowReply
  let times: TeamTimes
  let now: Instant
  /// What was asked for; the table begins with the shift that is under way at its beginning.
  let from: Instant
  let until: Instant

  private var tiers: [UInt32] { Set(reply.shifts.map(\.tier)).filter { $0 <= 3 }.sorted() }

  func show(team: String) {
    let zones = times.isUTC ? "UTC" : "\(times.name) and UTC"
    let published =
      reply.publishedUntilAt.isSet
      ? "; published until \(times.short(reply.publishedUntilAt)), then as planned" : ""
    print("\(SafeText.line(team)): times in \(zones)\(published)")
    calendar.print(otherwise: "no shifts")
    showMarks()
    for shadow in reply.shadows {
      print(
        "\(SafeText.line(shadow.id)): \(People.safeName(shadow.person, reply.people)) gets copies of the pages of "
          + "\(DutyTier.word(shadow.tier)), \(span(shadow.fromAt, shadow.untilAt))")
    }
    for note in reply.notes { print(NoteText.line(note, times.short)) }
  }

  private var calendar: Table {
    let head = times.isUTC ? ["WEEK", "FROM (UTC)", "UNTIL"] : ["WEEK", "FROM (\(times.name))", "UNTIL", "FROM (UTC)"]
    var table = Table(headings: head + tiers.map { DutyTier.word($0).uppercased() } + ["STATE"])
    let utc = TeamTimes("UTC", isUTC: true)
    for (from, until) in rows {
      let when = [times.week(from), times.short(from), times.short(until)] + (times.isUTC ? [] : [utc.short(from)])
      table.add(when + tiers.map { holder(tier: $0, from: from, until: until) } + [state(from, until)])
    }
    return table
  }

  /// The times between two changes of any tier, cut into weeks. Shifts come whole: these begin and end where every tier
  /// is told of.
  private var rows: [(Instant, Instant)] {
    let shifts = reply.shifts.filter { tiers.contains($0.tier) }
    let begins = tiers.compactMap { tier in shifts.first { $0.tier == tier }?.fromAt }
    let ends = tiers.compactMap { tier in shifts.last { $0.tier == tier }?.untilAt }
    guard let lastBegin = begins.max(), let firstEnd = ends.min() else { return [] }
    let begin = lastBegin.isSet ? lastBegin : from
    let end = firstEnd < .distantFuture ? firstEnd : until
    guard begin < end else { return [] }
    let inner = Set(shifts.flatMap { [$0.fromAt, $0.untilAt] }).filter { begin < $0 && $0 < end }
    var rows: [(Instant, Instant)] = []
    var at = begin
    for change in inner.sorted() + [end] {
      while case let week = times.aWeek(after: at), at < week, week < change {
        rows.append((at, week))
        at = week
      }
      rows.append((at, change))
      at = change
    }
    return rows
  }

  private func holder(tier: UInt32, from: Instant, until: Instant) -> String {
    let shift = reply.shifts.first { $0.tier == tier && $0.fromAt <= from && until <= $0.untilAt }
    guard let shift, !shift.person.isEmpty else { return "!! NOBODY !!" }
    return People.name(shift.person, reply.people) + (shift.because.mark.isEmpty ? "" : " \(shift.because.mark)")
  }

  private func state(_ from: Instant, _ until: Instant) -> String {
    if until <= now { return "over" }
    if from <= now { return "now" }
    return from < reply.publishedUntilAt ? "published" : "planned"
  }

  /// What each mark stands for, with the reason; gaps first, because they are somebody's work.
  private func showMarks() {
    let marked = reply.shifts.filter { !$0.because.mark.isEmpty }
    guard !marked.isEmpty else { return }
    print("")
    var table = Table(headings: ["", "TIER", "FROM (\(times.name))", "UNTIL", "WHO", "WHY"])
    for shift in marked.filter({ $0.because == .nobody }) + marked.filter({ $0.because != .nobody }) {
      table.add(
        "\(shift.because.mark) \(shift.because.word)", DutyTier.word(shift.tier), times.short(shift.fromAt),
        times.short(shift.untilAt), People.name(shift.person, reply.people), shift.explanation)
    }
    table.print(otherwise: "")
  }

  private func span(_ from: Instant, _ until: Instant) -> String { "\(times.short(from)) to \(times.short(until))" }
}
