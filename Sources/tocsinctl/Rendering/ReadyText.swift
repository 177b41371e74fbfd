import Messages

/// Readiness for people.
enum ReadyText {
  static func show(_ record: ReadinessRecord, _ global: GlobalOptions) throws {
    try Answer.show(record, global.output) {
      let times = global.times
      Answer.facts([
        ("takes over", record.person), ("from", times.full(record.fromAt)), ("until", times.end(record.untilAt)),
        ("after", record.outgoing.isEmpty ? "nobody" : record.outgoing),
        ("ready", record.complete ? "yes" : "no"),
      ])
      print("")
      var table = Table("ITEM", "LIST", "WHAT", "DONE (\(times.zone))", "HOW")
      for item in record.items {
        table.add(
          item.id, item.list, item.text, item.by.isEmpty ? "-" : "\(item.by), \(times.short(item.tickedAt))", item.how)
      }
      table.print(otherwise: "no checklists")
    }
  }
}
