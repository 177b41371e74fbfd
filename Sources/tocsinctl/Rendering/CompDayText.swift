import Messages

/// Comp days for people; their dates are in the person's zone and shown as they are.
enum CompDayText {
  static func show(_ reply: CompDayReply, _ global: GlobalOptions) throws {
    try Answer.show(reply, global.output) {
      guard let day = reply.day else { return }
      Answer.facts([
        ("comp day", "\(day.id) of \(day.person)"),
        ("state", "\(day.state.word)\(day.words.isEmpty ? "" : ": \(day.words)")"),
        ("date", day.date),
        ("earned", "\(day.earnedOn): \(day.because)"),
        ("can be used", "until \(day.lapsesAfter)"),
      ])
    }
  }

  static func table(_ days: [CompDay]) -> Table {
    var table = Table("COMP DAY", "PERSON", "STATE", "DATE", "EARNED", "LAPSES AFTER", "BECAUSE", "WORDS")
    for day in days {
      table.add(
        day.id, day.person, day.state.word, day.date.isEmpty ? "-" : day.date, day.earnedOn, day.lapsesAfter,
        day.because, day.words)
    }
    return table
  }
}
