import Messages

/// How records of the audit are shown.
enum AuditText {
  /// An apply may change a hundred things.
  private static let changesShown = 8

  static func add(_ entry: AuditEntry, of tier: Tier, to table: inout Table, _ times: Times) {
    let record = entry.record ?? AuditRecord()
    table.add(times.full(entry.at), tier.name, who(record), from(record), words(record))
    for change in record.changes.prefix(changesShown) { table.add("", "", "", "", "  \(words(change))") }
    let more = record.changes.count - changesShown
    if more > 0 { table.add("", "", "", "", "  and \(more) more: -o json has all") }
  }

  private static func words(_ change: AuditChange) -> String {
    guard !change.before.isEmpty else { return "\(change.name): \(change.after)" }
    return "\(change.name): \(change.before) → \(change.after.isEmpty ? "nothing" : change.after)"
  }

  /// "ana", "tara for ben", "stranger (key a1b2c3…)".
  private static func who(_ record: AuditRecord) -> String {
    let name = record.principal.isEmpty ? (record.key.isEmpty ? "-" : "key \(record.key)…") : record.principal
    return record.by.isEmpty || record.by == record.principal ? name : "\(name) for \(record.by)"
  }

  private static func from(_ record: AuditRecord) -> String {
    record.from.isEmpty ? record.key : record.from
  }

  private static func words(_ record: AuditRecord) -> String {
    var words = record.what
    if record.status != 0 {
      words = "\((Status(rawValue: record.status) ?? .unknown).name) \(words)"
      if record.alike > 0 { words += " (and \(record.alike) like it before)" }
    }
    return words
  }

  /// One line, with the tier.
  static func json(_ tier: Tier, _ entry: AuditEntry) throws -> String {
    let line = Answer.oneLine(try Answer.json(entry))
    return "{\"tier\":\"\(tier.name)\",\(line.dropFirst())"
  }
}
