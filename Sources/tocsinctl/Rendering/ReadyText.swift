import Messages

/// Readiness for people.
enum ReadyText {
  static func show(_ record: ReadinessRecord, _ global: GlobalOptions) throws {
    try Answer.show(record, global.output) {
      let times = global.times
      var facts = [
        ("takes over", record.person), ("from", times.full(record.fromAt)), ("until", times.end(record.untilAt)),
        ("after", record.outgoing.isEmpty ? "nobody" : record.outgoing),
        ("ready", record.complete ? "yes" : "no"),
      ]
      if !record.copiesTo.isEmpty { facts.append(("copies to", "\(record.copiesTo), until a test page is confirmed")) }
      Answer.facts(facts)
      print("")
      var table = Table("ITEM", "LIST", "WHAT", "DONE (\(times.zone))", "HOW")
      for item in record.items {
        table.add(
          item.id, item.list, item.text, item.by.isEmpty ? "-" : "\(item.by), \(times.short(item.tickedAt))", item.how)
      }
      table.print(otherwise: "no checklists")
      print("")
      tests(record.tests, times).print(otherwise: "no test pages")
    }
  }

  static func show(_ reply: ReadinessTestReply, _ global: GlobalOptions) throws {
    try Answer.show(reply, global.output) {
      tests(reply.tests, global.times).print(otherwise: "no test pages")
    }
  }

  private static func tests(_ tests: [ReadinessTest], _ times: Times) -> Table {
    var table = Table("TEST PAGE BY", "WAITS FOR ITS CODE (\(times.zone))", "CONFIRMED", "NOT SENT")
    for test in tests {
      table.add(
        test.channel, test.askedAt.isSet && test.words.isEmpty ? "since \(times.short(test.askedAt))" : "-",
        test.confirmedAt.isSet ? times.short(test.confirmedAt) : "-", test.words)
    }
    return table
  }
}
