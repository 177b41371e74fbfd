import Messages

/// What an edit would change: who gains and who loses which shift, and what couldn't be met then.
enum PreviewText {
  static func show(_ reply: PreviewReply, _ times: Times) {
    for words in reply.words { print(SafeText.line(words)) }
    shifts(reply, times, atMost: .max)
  }

  static func shifts(_ reply: PreviewReply, _ times: Times, atMost: Int) {
    var table = Table("TEAM", "TIER", "FROM (\(times.zone))", "UNTIL", "LOSES IT", "GAINS IT", "WHY")
    for change in reply.changes.prefix(atMost) {
      table.add(
        change.team, DutyTier.word(change.tier), times.short(change.fromAt), times.end(change.untilAt),
        change.loses.isEmpty ? "-" : change.loses, change.gains.isEmpty ? "NOBODY" : change.gains, change.explanation)
    }
    table.print(otherwise: "no shift changes hands")
    if reply.changes.count > atMost { print("and \(reply.changes.count - atMost) more: tocsinctl rotation preview") }
    for note in reply.notes { print(NoteText.line(note, times.short)) }
  }
}

/// A rule that the generated schedule can't meet.
enum NoteText {
  static func line(_ note: ScheduleNote, _ short: (Instant) -> String) -> String {
    "not met: \(SafeText.line(note.rule)), \(DutyTier.word(note.tier)) \(short(note.fromAt)) to "
      + "\(short(note.untilAt)): \(SafeText.line(note.text))"
  }
}
